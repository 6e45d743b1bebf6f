"""The live online counter: how many pages of each site are open right now.

How it scales: a visitor is one small object on the transport, about 8 kB without what the kernel keeps, and
no task; 15,000 in one process were measured (``python -m tests.benchmarks counter``), and the limit of file
descriptors is what ends it first. A site costs about 1 kB, most of it for the peaks of its day. A change of
a site's total costs one write for each of its visitors, at most every 100 ms, and never more than a fifth of
the process's time. More nodes can be added: see :mod:`livereload_loc.counter.cluster.redis_store`.
"""
