from __future__ import annotations

import os

from livereload_loc.watcher.sources.mounts import eventless

MOUNTINFO = """\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
40 27 0:50 / /mnt/c rw,noatime shared:1 - 9p drvfs rw,aname=drvfs;path=C:\\
41 27 0:51 /share /work\\040space rw - virtiofs share rw
42 27 0:52 / /home/u/remote rw master:3 propagate_from:2 - fuse.sshfs u@host:/ rw
43 27 0:53 / /srv rw - nfs4 server:/srv rw,vers=4.2
44 27 0:54 / /mnt/ntfs rw - fuseblk /dev/sdb1 rw
45 27 0:55 / /crypt rw - fuse.gocryptfs /home/u/c rw
46 27 not a line at all
47 27 x:y / /odd rw - nfs odd rw

"""


def test_only_what_changes_elsewhere_is_polled() -> None:
    assert eventless(MOUNTINFO) == {
        os.makedev(0, 50): "9p",
        os.makedev(0, 51): "virtiofs",
        os.makedev(0, 52): "fuse.sshfs",
        os.makedev(0, 53): "nfs4",
    }
