"""The agent's job in Python: 24 channels once a second, a model over their window, an outbox that survives a power cut, MQTT 5 with QoS 1.

usage: python-agent.py LIBRARY MODEL MANIFEST RECORDING OUTBOX PORT

LIBRARY is libonnxruntime.so, called through ctypes; MANIFEST says what the model's window and outputs are. An entry of the outbox goes when the
broker has acknowledged it, which is less than the agent asks for: that the cloud has stored it. Standard output: "first inference" once, and "acknowledged N" at the end (SIGTERM).
"""
import ctypes
import json
import math
import signal
import sqlite3
import struct
import sys
import threading
import time
from collections import deque

import paho.mqtt.client as mqtt

# Places in the table of functions of onnxruntime_c_api.h, which only ever grows at its end; the version is the least that has them all.
API_VERSION = 17
GET_ERROR_MESSAGE, CREATE_ENV, DISABLE_TELEMETRY, CREATE_SESSION, RUN, CREATE_SESSION_OPTIONS = 2, 3, 6, 7, 9, 10
DISABLE_MEM_PATTERN, DISABLE_CPU_MEM_ARENA, SET_INTRA_OP_THREADS, SET_INTER_OP_THREADS = 17, 19, 24, 25
CREATE_TENSOR, TENSOR_DATA, CREATE_CPU_MEMORY_INFO, RELEASE_VALUE, ADD_CONFIG = 49, 51, 69, 96, 130
FATAL, FLOAT, ARENA_DEVICE, MEMORY_DEFAULT = 4, 1, 0, 0


class Model:
    """One session of one thread."""

    def __init__(self, library, path, manifest):
        base = ctypes.CDLL(library).OrtGetApiBase
        base.restype = ctypes.POINTER(ctypes.c_void_p)
        self.table = ctypes.cast(ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_uint32)(base()[0])(API_VERSION), ctypes.POINTER(ctypes.c_void_p))
        env, options, self.session, memory, self.input = (ctypes.c_void_p() for _ in range(5))
        self.call(CREATE_ENV, ctypes.c_int(FATAL), b"peer", ctypes.byref(env))
        self.call(DISABLE_TELEMETRY, env)
        self.call(CREATE_SESSION_OPTIONS, ctypes.byref(options))
        self.call(SET_INTRA_OP_THREADS, options, ctypes.c_int(1))
        self.call(SET_INTER_OP_THREADS, options, ctypes.c_int(1))
        self.call(DISABLE_CPU_MEM_ARENA, options)
        self.call(DISABLE_MEM_PATTERN, options)
        self.call(ADD_CONFIG, options, b"session.intra_op.allow_spinning", b"0")
        self.call(CREATE_SESSION, env, path.encode(), options, ctypes.byref(self.session))
        self.call(CREATE_CPU_MEMORY_INFO, ctypes.c_int(ARENA_DEVICE), ctypes.c_int(MEMORY_DEFAULT), ctypes.byref(memory))
        shape = (ctypes.c_int64 * 3)(1, manifest["window"], len(manifest["channels"]))
        self.window = (ctypes.c_float * (shape[1] * shape[2]))()
        self.call(CREATE_TENSOR, memory, self.window, ctypes.c_size_t(ctypes.sizeof(self.window)), shape, ctypes.c_size_t(3), ctypes.c_int(FLOAT), ctypes.byref(self.input))
        self.names = [output["name"] for output in manifest["outputs"]]
        self.in_names = (ctypes.c_char_p * 1)(manifest["input"]["name"].encode())
        self.out_names = (ctypes.c_char_p * len(self.names))(*(name.encode() for name in self.names))

    def call(self, place, *arguments):
        status = ctypes.CFUNCTYPE(ctypes.c_void_p, *(ctypes.c_void_p if isinstance(a, (ctypes.Array, bytes)) or not isinstance(a, ctypes._SimpleCData) else type(a) for a in arguments))(self.table[place])(*arguments)
        if status:
            message = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p)(self.table[GET_ERROR_MESSAGE])(status)
            raise RuntimeError(message.decode())

    def predict(self, frames):
        width, rows = len(frames[-1]), len(self.window) // len(frames[-1])
        for row in range(rows):
            frame = frames[max(0, len(frames) - rows + row)]  # a short history is padded with its oldest frame
            self.window[row * width:(row + 1) * width] = frame
        outputs = (ctypes.c_void_p * len(self.names))()
        self.call(RUN, self.session, ctypes.c_void_p(), self.in_names, (ctypes.c_void_p * 1)(self.input), ctypes.c_size_t(1),
                  self.out_names, ctypes.c_size_t(len(self.names)), outputs)
        said = {}
        for name, value in zip(self.names, outputs):
            data = ctypes.c_void_p()
            self.call(TENSOR_DATA, ctypes.c_void_p(value), ctypes.byref(data))
            said[name] = ctypes.cast(data, ctypes.POINTER(ctypes.c_float))[0]
            ctypes.CFUNCTYPE(None, ctypes.c_void_p)(self.table[RELEASE_VALUE])(value)
        return said


def recording(path):
    with open(path, encoding="utf-8") as lines:
        next(lines)
        return [struct.pack("24f", *map(float, line.split(","))) for line in lines]


def main():
    library, model_path, manifest_path, recording_path, outbox_path, port = sys.argv[1:]
    with open(manifest_path, encoding="utf-8") as file:
        manifest = json.load(file)
    channels = [channel["name"] for channel in manifest["channels"]]
    frames = recording(recording_path)
    model = Model(library, model_path, manifest)
    outbox = sqlite3.connect(outbox_path, isolation_level=None, check_same_thread=False)
    outbox.execute("PRAGMA journal_mode=WAL")
    outbox.execute("PRAGMA synchronous=FULL")
    outbox.execute("CREATE TABLE IF NOT EXISTS outbox (sequence INTEGER PRIMARY KEY AUTOINCREMENT, payload BLOB NOT NULL)")
    gate, on_the_way, done = threading.Lock(), {}, [0]

    def acknowledged(client, userdata, message):
        with gate:
            sequence = on_the_way.pop(message, None)
            if sequence is not None:
                done[0] += 1
                # As the agent: a deletion that a power cut takes back only sends an entry twice.
                outbox.execute("PRAGMA synchronous=NORMAL")
                outbox.execute("DELETE FROM outbox WHERE sequence = ?", (sequence,))
                outbox.execute("PRAGMA synchronous=FULL")

    client = mqtt.Client(client_id="python-agent", protocol=mqtt.MQTTv5)
    client.on_publish = acknowledged
    client.connect_async("127.0.0.1", int(port))
    client.loop_start()
    history, due, age = deque(maxlen=manifest["window"]), time.monotonic(), 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        while True:
            values = struct.unpack("24f", frames[age % len(frames)])
            history.append(values)
            said = model.predict(history)
            if age == 0:
                print("first inference", flush=True)
            if not all(map(math.isfinite, said.values())):
                raise RuntimeError("a prediction is not a number")
            entry = {"time": time.time(), "frame": age, "values": dict(zip(channels, values)), "prediction": said}
            payload = json.dumps(entry, separators=(",", ":")).encode()
            with gate:
                sequence = outbox.execute("INSERT INTO outbox (payload) VALUES (?)", (payload,)).lastrowid
                on_the_way[client.publish("peer/telemetry", payload, qos=1).mid] = sequence
            age, due = age + 1, due + 1
            time.sleep(max(0, due - time.monotonic()))
    finally:
        print("acknowledged", done[0], flush=True)


main()
