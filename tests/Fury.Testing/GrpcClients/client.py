"""Calls a service by way of xDS, and says every 100 ms what came of it.

client.py BOOTSTRAP TARGET NAME CALLERS; where the control plane is, says the file BOOTSTRAP.
Each caller makes one call after the other. A line of input is a JSON object, the metadata of calls from then on; the end of the input ends
the calls, and after the last answer the program. A line of output is {"answers": {BACKEND: COUNT}, "failed": COUNT, "errors": [TEXT]}, since
the start. A call carries NAME and the time at which it began, in nanoseconds of the monotonic clock.
"""

import json
import os
import sys
import threading
import time

os.environ["GRPC_XDS_BOOTSTRAP"] = sys.argv[1]
# While no call waits for an answer, the library reads its connection to the control plane only this often; 5 s, if nothing is said.
os.environ["GRPC_CLIENT_CHANNEL_BACKUP_POLL_INTERVAL_MS"] = "200"

import grpc  # noqa: E402

METHOD = "/fury.test.Backend/Call"
DEADLINE_SECONDS = 30
ERRORS_MAX = 10
REPORT_SECONDS = 0.1

target, name, callers = sys.argv[2], sys.argv[3], int(sys.argv[4])
gate = threading.Lock()
ending = threading.Event()
answers, errors, failed, metadata = {}, [], 0, []


def request():
    # A google.protobuf.StringValue: field 1, its length, the text.
    text = f"{name} {time.monotonic_ns()}".encode()
    return bytes([0x0A, len(text)]) + text


def call(method):
    global failed
    while not ending.is_set():
        try:
            answer = method(request(), timeout=DEADLINE_SECONDS, metadata=metadata)
            backend = answer[2:].decode()
            with gate:
                answers[backend] = answers.get(backend, 0) + 1
        except grpc.RpcError as error:
            with gate:
                failed += 1
                if len(errors) < ERRORS_MAX:
                    errors.append(f"{error.code().name}: {error.details()}")
            # Whoever is refused at once would ask a million times.
            ending.wait(0.01)


def report():
    with gate:
        line = json.dumps({"answers": answers, "failed": failed, "errors": errors})
    print(line, flush=True)


def report_on_and_on():
    while not ending.wait(REPORT_SECONDS):
        report()


with grpc.insecure_channel(target) as channel:
    method = channel.unary_unary(METHOD, request_serializer=None, response_deserializer=None)
    threads = [threading.Thread(target=call, args=(method,)) for _ in range(callers)]
    threads.append(threading.Thread(target=report_on_and_on))
    for thread in threads:
        thread.start()
    for line in sys.stdin:
        metadata = list(json.loads(line).items())
    ending.set()
    for thread in threads:
        thread.join()
report()
