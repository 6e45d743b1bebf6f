"""File systems that do not report changes made elsewhere: on another machine, or by the host.

Known from samuelcolvin/watchfiles#134, #169, #187 and docker/for-win#56.
"""

from __future__ import annotations

import os
import sys

EVENTLESS = frozenset({
    "9p", "afs", "ceph", "cifs", "drvfs", "fakeowner", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4",
    "prl_fs", "smb2", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs", "fuse.davfs", "fuse.davfs2",
    "fuse.gcsfuse", "fuse.glusterfs", "fuse.grpcfuse", "fuse.gvfsd-fuse", "fuse.juicefs", "fuse.osxfs",
    "fuse.portal", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "fuse.vmhgfs-fuse",
})  # fmt: skip


def eventless(mountinfo: str) -> dict[int, str]:
    """Return the device numbers of the file systems in ``mountinfo`` that need polling, with their types.

    The format is that of /proc/PID/mountinfo, proc(5): ``36 35 98:0 /root /mount options ... - type ...``.
    """
    found: dict[int, str] = {}
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        fields, kind = left.split(), right.split(" ", 1)[0]
        if len(fields) < 3 or kind not in EVENTLESS:
            continue
        major, _, minor = fields[2].partition(":")
        if sys.platform != "win32" and major.isdigit() and minor.isdigit():
            found[os.makedev(int(major), int(minor))] = kind
    return found


def present() -> dict[int, str]:
    """Return those of this machine; none where it has no /proc."""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
            return eventless(file.read())
    except OSError:
        return {}
