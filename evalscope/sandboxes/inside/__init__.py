"""What runs inside a sandbox: the standard library and this folder are all there is.

Whatever a keeper imports is in the memory that each fork of it copies, so heavy modules (dataclasses, pathlib, hashlib)
are left out here: a hundred pages cost a test about a tenth of a millisecond.
"""
