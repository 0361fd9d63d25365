#!/usr/bin/python3
"""Writes small files of other tools for the tests of org.cotangent.nn.data and .io.

Run in this folder: python3 data.py (Python's own tarfile, and NumPy).
"""

import gzip
import io
import pathlib
import tarfile

OUT = pathlib.Path(__file__).parent.parent / "resources/org/cotangent/nn/data"


def batch(first, count):
    """Image i of a batch is of class i % 10; its red is i, its green 100 + i, its blue 200 + i."""
    return b"".join(
        bytes([i % 10]) + bytes([i] * 1024) + bytes([100 + i] * 1024) + bytes([200 + i] * 1024)
        for i in range(first, first + count)
    )


def archive(name, form, mtime):
    files = {
        "data_batch_2.bin": batch(3, 2),
        "test_batch.bin": batch(20, 2),
        "readme.html": b"<html></html>\n",
        "batches.meta.txt": b"\n".join(b"thing %d" % i for i in range(10)) + b"\n\n",
        "data_batch_1.bin": batch(0, 3),
    }
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=form) as tar:
        folder = tarfile.TarInfo("cifar-10-batches-bin")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        for file, content in files.items():
            info = tarfile.TarInfo("cifar-10-batches-bin/" + file)
            info.size = len(content)
            info.mtime = mtime
            tar.addfile(info, io.BytesIO(content))
    (OUT / name).write_bytes(gzip.compress(raw.getvalue(), mtime=0))


archive("cifar-ustar.tar.gz", tarfile.USTAR_FORMAT, 0)
archive("cifar-gnu.tar.gz", tarfile.GNU_FORMAT, 0)
archive("cifar-pax.tar.gz", tarfile.PAX_FORMAT, 0.5)  # half a second needs a pax note
