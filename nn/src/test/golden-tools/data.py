#!/usr/bin/python3
"""Writes small files of other tools for the tests of org.cotangent.nn.data and .io.

    python3 nn/src/test/golden-tools/data.py
"""

import gzip
import io
import pathlib
import tarfile

import numpy as np

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


# ---- NPY and NPZ, by NumPy itself

IO = OUT.parent / "io"
IO.mkdir(exist_ok=True)
COUNT = np.arange(12).reshape(2, 2, 3)


def save(file, array, version=None):
    with open(IO / (file + ".npy"), "wb") as out:
        np.lib.format.write_array(out, array, version=version)


for kind in ["f2", "f4", "f8", "i2", "i4", "i8", "u2", "u4", "u8"]:
    for order, name in [("<", "little"), (">", "big")]:
        offset = -5 if kind[0] in "fi" else 0
        save(f"{kind}-{name}", ((COUNT + offset) * (0.5 if kind[0] == "f" else 1)).astype(order + kind))
save("i1", (COUNT - 5).astype("i1"))
save("u1", (COUNT + 244).astype("u1"))
save("b1", COUNT % 3 == 0)
save("fortran", np.asfortranarray(COUNT.astype("f4")))
save("fortran-big", np.asfortranarray(COUNT.astype(">f8").transpose(2, 0, 1)))
save("scalar", np.array(1.5))
save("vector", np.array([1, 2, 3], "i8"))
save("empty", np.zeros((3, 0, 2), "f4"))
save("version2", COUNT.astype("f4"), (2, 0))
save("version3", COUNT.astype("f4"), (3, 0))
save("large-u8", np.array([2**63 - 1, 2**63], "u8"))
save("complex", np.array([1 + 2j]))
save("text", np.array(["a", "b"]))
save("structure", np.array([(1, 2.0)], [("a", "i4"), ("b", "f4")]))
with open(IO / "object.npy", "wb") as out:
    np.lib.format.write_array(out, np.array([{}], object), allow_pickle=True)

ARRAYS = {"x": COUNT.astype("f4"), "labels": np.arange(3), "layer.0/w": np.ones((2, 1))}
for name, write in [("stored", np.savez), ("deflated", np.savez_compressed)]:
    write(IO / f"{name}.npz", **ARRAYS)
