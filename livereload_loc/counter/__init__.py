"""The live online counter: how many pages of each site are open right now.

How it grows: a visitor is one small object on the transport, 8 kB with its kernel-independent parts, and no
task; 15,000 in one process were measured (``python -m tests.benchmarks counter``), and what ends it first is
the limit of file descriptors. A site costs about 1 kB, most of it the peaks of its day. A change of a site's
total costs one write for each of its visitors, at most every 100 ms, and never more than a fifth of the
process's time. More nodes are added beside it: see :mod:`livereload_loc.counter.cluster.redis_store`.
"""
