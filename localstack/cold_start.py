"""Measures the cost of a function until its first reply.

Emulates Lambda's runtime API for the function's binary: starts it with the environment of the deployed function, passes it its
committed event, and reads its CPU time (the sum over its threads, from the scheduler, in nanoseconds) when the reply
arrives. DynamoDB is the emulator's, through a TLS tunnel, because on AWS the first TLS connection is a large part of the cost.
"""

import datetime
import glob
import ipaddress
import json
import os
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

RUNS = 15
PATIENCE = 30.0


def cpu_seconds(pid):
    """Returns the CPU time of all living threads. Those of the function's runtime live as long as the process."""
    nanoseconds = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        with open(path, encoding="ascii") as file:
            nanoseconds += int(file.read().split()[0])
    return nanoseconds / 1e9


def certificates(folder):
    """Creates a certificate for this machine, and a bundle of the usual roots with its issuer."""
    now = datetime.datetime.now(datetime.timezone.utc)

    def certificate(subject, issuer, public, signer, extensions):
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    issuer_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = certificate(
        "issuer", "issuer", issuer_key.public_key(), issuer_key, [(x509.BasicConstraints(ca=True, path_length=0), True)]
    )
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    own = certificate("127.0.0.1", "issuer", key.public_key(), issuer_key, [(address, False)])
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with open(certifi.where(), "rb") as file:
        roots = file.read()
    for name, content in (("server.pem", own + secret), ("roots.pem", roots + issuer)):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)
    return os.path.join(folder, "server.pem"), os.path.join(folder, "roots.pem")


def copy(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    finally:
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def tunnel(certificate, host, port):
    """Serves TLS on a separate port in front of the emulator. Returns its URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(plain):
        try:
            outer = context.wrap_socket(plain, server_side=True)
            inner = socket.create_connection((host, port))
        except OSError:
            return
        threading.Thread(target=copy, args=(outer, inner), daemon=True).start()
        copy(inner, outer)

    def accept():
        while True:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return f"https://127.0.0.1:{listener.getsockname()[1]}"


class Runtime(ThreadingHTTPServer):
    """Emulates Lambda's runtime API: it sends the same event twice, so that the second reply shows the cost without the cold start."""

    daemon_threads = True

    def __init__(self, event):
        super().__init__(("127.0.0.1", 0), Call)
        self.event = event
        self.asked = 0
        self.pid = None
        self.started = threading.Event()
        self.samples = []
        self.problem = None
        self.done = threading.Event()

    def sample(self):
        self.started.wait(PATIENCE)
        self.samples.append(cpu_seconds(self.pid))


class Call(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.server.asked == 2:
            self.server.done.set()
            threading.Event().wait(PATIENCE)
            return
        if self.server.asked == 0:
            self.server.sample()
        self.server.asked += 1
        body = json.dumps(self.server.event).encode()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", str(uuid.uuid4()))
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(datetime.datetime.now().timestamp() * 1000) + 10000))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:measured")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        answer = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.sample()
        if "/error" in self.path or not 200 <= json.loads(answer).get("statusCode", 0) < 300:
            self.server.problem = answer.decode(errors="replace")
            self.server.done.set()
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()


def run(binary, configuration, event, endpoint, roots):
    """Returns the CPU seconds until the function requests its first event, until its first reply, and until its second."""
    if "Idempotency-Key" in event["headers"]:
        event["headers"]["Idempotency-Key"] = str(uuid.uuid4())
        event["multiValueHeaders"]["Idempotency-Key"] = [event["headers"]["Idempotency-Key"]]
    runtime = Runtime(event)
    threading.Thread(target=runtime.serve_forever, daemon=True).start()
    environment = dict(configuration["Environment"]["Variables"])
    environment |= {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime.server_address[1]}",
        "AWS_LAMBDA_FUNCTION_NAME": configuration["FunctionName"],
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration["MemorySize"]),
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": endpoint,
        "SSL_CERT_FILE": roots,
        "_HANDLER": configuration["Handler"],
    }
    process = subprocess.Popen([binary], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    runtime.pid = process.pid
    runtime.started.set()
    answered = runtime.done.wait(PATIENCE)
    process.kill()
    output = process.communicate()[0].decode(errors="replace")
    runtime.shutdown()
    if not answered or runtime.problem:
        sys.exit(f"error: {binary} gave no good answer: {runtime.problem or 'none at all'}\n{output}")
    return runtime.samples


def main():
    stack, *functions = sys.argv[1:]
    emulator = urllib.parse.urlparse(os.environ["AWS_ENDPOINT_URL"])
    print("| binary | MB |\n| --- | ---: |")
    for bootstrap in sorted(glob.glob("target/lambda/*/bootstrap")):
        print(f"| {bootstrap.split('/')[2]} | {os.path.getsize(bootstrap) / 1e6:.1f} |")
    print(f"\nCPU milliseconds, median of {RUNS} (slowest):\n")
    print("| function | until it is ready | until its first answer | its second answer |\n| --- | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        certificate, roots = certificates(folder)
        endpoint = tunnel(certificate, emulator.hostname, emulator.port)
        for function, binary in (argument.split("=") for argument in functions):
            configuration = boto3.client("lambda").get_function_configuration(FunctionName=f"{stack}-{function}")
            with open(f"localstack/events/{function}.json", encoding="utf-8") as file:
                event = json.load(file)
            if "httpMethod" not in event:
                sys.exit(f"error: {function} answers no requests; measure one that does")
            program = f"target/lambda/{binary}/bootstrap"
            runs = [run(program, configuration, event, endpoint, roots) for _ in range(RUNS)]
            columns = [[ready for ready, _, _ in runs], [first for _, first, _ in runs], [b - a for _, a, b in runs]]
            cells = [f"{1000 * statistics.median(column):.1f} ({1000 * max(column):.1f})" for column in columns]
            print(f"| {function} ({event['httpMethod']} {event['path']}) | {' | '.join(cells)} |")


main()
