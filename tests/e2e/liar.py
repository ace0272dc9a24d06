# SPDX-License-Identifier: Apache-2.0
"""A proxy before a node that changes what is asked and what is answered."""
import http.server
import threading
import urllib.request


class Liar:
    """Listens on a port of its own choice. `question` and `answer` change the bodies' text on their way."""

    def __init__(self, node):
        self.question = self.answer = lambda text: text
        liar = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                request = urllib.request.Request(node + self.path, liar.question(body).encode(),
                                                 {"Content-Type": "application/json"})
                with urllib.request.urlopen(request, timeout=30) as answered:
                    text = liar.answer(answered.read().decode()).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
