"""Independent reader and writer of safetensors files, written from the published format.

Uses only Python's standard library and numpy.

  read_safetensors.py dump FILE        prints one line per tensor: name, dtype, shape, hex of its bytes
  read_safetensors.py write FILE       writes a file with known content, for a reader under test
"""

import json
import struct
import sys

import numpy as np

DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4",
    "I16": "<i2", "I8": "i1", "U8": "u1", "BOOL": "?",
}


def read(path):
    with open(path, "rb") as file:
        content = file.read()
    (length,) = struct.unpack("<Q", content[:8])
    text = content[8 : 8 + length]
    assert text[:1] == b"{", "the header must begin with {"
    header = json.loads(text.decode("utf-8"))
    data = content[8 + length :]
    tensors = {}
    next_byte = 0
    header.pop("__metadata__", None)
    for name, info in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = info["data_offsets"]
        assert begin == next_byte, f"{name}: begins at {begin}, not {next_byte}"
        array = np.frombuffer(data[begin:end], dtype=DTYPES[info["dtype"]]).reshape(info["shape"])
        tensors[name] = (info["dtype"], array)
        next_byte = end
    assert next_byte == len(data), "data after the last tensor"
    return tensors


def write(path):
    arrays = {
        "weight": ("F32", np.arange(6, dtype="<f4").reshape(2, 3) / 3),
        "half": ("F16", np.array([1.5, -2.0, 65504.0], dtype="<f2")),
        "ids": ("I64", np.array([-1, 1 << 40], dtype="<i8")),
        "flags": ("BOOL", np.array([True, False, True])),
        "scalar": ("F64", np.array(0.1, dtype="<f8")),
    }
    header = {"__metadata__": {"writer": "numpy"}}
    data = b""
    for name, (dtype, array) in arrays.items():
        begin = len(data)
        data += array.tobytes()
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [begin, len(data)]}
    text = json.dumps(header).encode("utf-8")
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def main():
    command, path = sys.argv[1:]
    if command == "write":
        write(path)
        return
    for name, (dtype, array) in sorted(read(path).items()):
        print(name, dtype, "x".join(map(str, array.shape)), array.tobytes().hex())


if __name__ == "__main__":
    main()
