#!/usr/bin/env python3
"""Reads TensorBoard event files and prints one JSON object per record.

Shares nothing with the writer: the CRC-32C is computed bit by bit from the polynomial, and the
messages are taken apart by the rules of the wire format. Exits with 1 at the first byte that is wrong.
"""

import base64
import json
import math
import struct
import sys


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def unmask(masked):
    rotated = (masked - 0xA282EAD8) % 2**32
    return (rotated >> 17 | rotated << 15) % 2**32


def check(data, masked, what):
    if crc32c(data) != unmask(masked):
        sys.exit(f"wrong checksum of {what}")


def records(data):
    at = 0
    while at < len(data):
        header = data[at:at + 8]
        length, crc = struct.unpack_from("<QI", data, at)
        check(header, crc, f"the length at {at}")
        payload = data[at + 12:at + 12 + length]
        check(payload, struct.unpack_from("<I", data, at + 12 + length)[0], f"the payload at {at}")
        yield payload
        at += 16 + length


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        shift += 7
        if byte < 0x80:
            return value, at


def fields(message):
    at = 0
    while at < len(message):
        key, at = varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = varint(message, at)
            value -= 2**64 if value >= 2**63 else 0
        elif kind == 1:
            value, at = struct.unpack_from("<d", message, at)[0], at + 8
        elif kind == 5:
            value, at = struct.unpack_from("<f", message, at)[0], at + 4
        elif kind == 2:
            length, at = varint(message, at)
            value, at = message[at:at + length], at + length
            if len(value) != length:
                sys.exit("a field ends beyond its message")
        else:
            sys.exit(f"unknown wire type {kind}")
        yield number, value


def media(message, names):
    found = {}
    for number, value in fields(message):
        found[names[number]] = base64.b64encode(value).decode() if isinstance(value, bytes) and number == 4 else (
            value.decode() if isinstance(value, bytes) else value)
    return found


def value_of(message):
    value = {}
    for number, field in fields(message):
        if number == 1:
            value["tag"] = field.decode()
        elif number == 2:
            value["simple_value"] = field if math.isfinite(field) else str(field)
        elif number == 4:
            value["image"] = media(field, {1: "height", 2: "width", 3: "colorspace", 4: "bytes"})
        elif number == 6:
            value["audio"] = media(field, {1: "sample_rate", 2: "num_channels", 3: "length_frames", 4: "bytes",
                                           5: "content_type"})
        else:
            sys.exit(f"unknown field {number} of a value")
    return value


def event_of(message):
    event = {"values": []}
    for number, field in fields(message):
        if number == 1:
            event["wall_time"] = field
        elif number == 2:
            event["step"] = field
        elif number == 3:
            event["file_version"] = field.decode()
        elif number == 5:
            event["values"] += [value_of(value) for _, value in fields(field)]
        elif number == 7:
            event["session"] = dict(fields(field))[1]
        else:
            sys.exit(f"unknown field {number} of an event")
    return event


def main():
    for path in sys.argv[1:]:
        with open(path, "rb") as file:
            for payload in records(file.read()):
                print(json.dumps(event_of(payload)))


main()
