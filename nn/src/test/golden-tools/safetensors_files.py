"""Writes and reads safetensors files without our code, by the published format
(https://huggingface.co/docs/safetensors): 8 bytes of the header's length, little-endian; the
header, JSON; the elements.

    python3 safetensors_files.py write FOLDER   # the files of SafetensorsGoldenTest
    python3 safetensors_files.py show FILE      # what a file holds, as NumPy reads it

NumPy knows F16; BF16 is PyTorch's.
"""
import json
import struct
import sys

import numpy as np
import torch

TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "<i1",
    "U32": "<u4", "U16": "<u2", "U8": "<u1", "BOOL": "?",
}


def write(path, tensors, metadata=None, align=True):
    """tensors: name -> (dtype, shape, bytes), in the order of the file."""
    header = {}
    if metadata is not None:
        header["__metadata__"] = metadata
    at = 0
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header).encode()  # with spaces, and \u escapes
    if align:
        text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)))
        f.write(text)
        for _, _, data in tensors.values():
            f.write(data)


def array(dtype, values):
    a = np.array(values, dtype=TYPES[dtype])
    return dtype, list(a.shape), a.tobytes()


def halves(folder):
    # every 61st pattern, and the special ones: subnormals, the largest, infinities, not a number
    special = [0x0000, 0x8000, 0x0001, 0x03FF, 0x0400, 0x7BFF, 0xFBFF, 0x7C00, 0xFC00, 0x7E00]
    f16 = np.array(list(range(0, 0x10000, 61)) + special, dtype="<u2")
    special = [0x0000, 0x8000, 0x0001, 0x007F, 0x0080, 0x7F7F, 0xFF7F, 0x7F80, 0xFF80, 0x7FC0]
    bf16 = np.array(list(range(0, 0x10000, 61)) + special, dtype="<u2")
    wide = torch.from_numpy(bf16.view("<i2").copy()).view(torch.bfloat16).float().numpy()
    n = [len(f16)]
    write(
        folder + "/halves.safetensors",
        {
            "f16.expected": ("F32", n, f16.view("<f2").astype("<f4").tobytes()),
            "bf16.expected": ("F32", n, wide.astype("<f4").tobytes()),
            "f16": ("F16", n, f16.tobytes()),
            "bf16": ("BF16", n, bf16.tobytes()),
        },
        {"format": "pt"},
    )


def kinds(folder):
    """One of each type, unaligned, with names and texts beyond ASCII."""
    write(
        folder + "/kinds.safetensors",
        {
            "mask": array("BOOL", [[True, False, True]]),
            "u8": array("U8", [0, 127, 128, 255]),
            "i8": array("I8", [-128, -1, 0, 127]),
            "u16": array("U16", [0, 65535]),
            "i16": array("I16", [-32768, 32767]),
            "u32": array("U32", [0, 4294967295]),
            "i32": array("I32", [[-2147483648], [2147483647]]),
            "i64": array("I64", [-9223372036854775808, 9223372036854775807]),
            "f32 größe \U0001f600": array("F32", [1.5, -0.0, np.inf, 1e-45]),
            "f64": array("F64", 2.0 / 3.0),
            "empty": ("F32", [0, 3], b""),
        },
        {"überschrift": 'a "quoted" line\n', "": "odd"},
        align=False,
    )


def show(path):
    with open(path, "rb") as f:
        (length,) = struct.unpack("<Q", f.read(8))
        header = json.loads(f.read(length).decode("utf-8"))
        data = f.read()
    print("metadata", header.pop("__metadata__", {}))
    print("elements begin at", 8 + length)
    at = 0
    for name, h in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = h["data_offsets"]
        assert begin == at, (name, begin, at)
        at = end
        raw = data[begin:end]
        values = np.frombuffer(raw, TYPES[h["dtype"]]).reshape(h["shape"])
        print(name, h["dtype"], h["shape"], values.ravel()[:8].tolist())
    assert at == len(data), (at, len(data))


if __name__ == "__main__":
    if sys.argv[1] == "write":
        halves(sys.argv[2])
        kinds(sys.argv[2])
    else:
        show(sys.argv[2])
