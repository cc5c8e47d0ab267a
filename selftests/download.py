# SPDX-License-Identifier: GPL-2.0
"""A server whose downloads last for as long as a test wants.

    download.py PORT FILE   answers /small at once, and /big with two megabytes, the second
                            of them only when FILE is there
"""

import http.server
import os
import socket
import sys
import time

HALF = bytes(1 << 20)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        parts = [HALF, HALF] if self.path == "/big" else [b"small\n"]
        self.send_response(200)
        self.send_header("Content-Length", str(sum(map(len, parts))))
        self.end_headers()
        self.wfile.write(parts[0])
        for part in parts[1:]:
            while not os.path.exists(sys.argv[2]):
                time.sleep(0.05)
            self.wfile.write(part)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6


Server(("::", int(sys.argv[1])), Handler).serve_forever()
