"""hint-server.py MODE: a registry on loopback that answers in one odd way until the file 'mended' is there, and then as the one of the tests does.

It writes its port into the file 'port', and ends by itself after half a minute. Modes:
  page      every path is a page of a network that wants a sign-in
  lost      the image names a layer that is not there
  limited   too many requests in six hours
  proxy     a proxy that wants a login: CONNECT leads to the registry with TLS
  resolver  answers each question about a name with 'no such name', by UDP on port 53
  expired, early, client    TLS with the certificate in old.pem, later in new.pem; for 'client' a certificate of the client's is required
"""
import base64, http.client, http.server, os, select, socket, ssl, sys, threading, time

mode = sys.argv[1]
threading.Timer(30, lambda: os._exit(0)).start()
mended = lambda: os.path.exists('mended')


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *ignored):
        pass

    def answer(self, status, headers, body=b''):
        self.send_response(status)
        for name, value in {'Content-Length': str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(body)

    def do_GET(self):
        if not mended() and mode == 'page':
            return self.answer(200, {'Content-Type': 'text/html'}, b'<!DOCTYPE html><html><body>Sign in to the network</body></html>')
        if not mended() and mode == 'limited':
            return self.answer(429, {'RateLimit-Limit': '100;w=21600'})
        if not mended() and mode == 'lost' and '/blobs/' in self.path:
            return self.answer(404, {'Content-Type': 'application/json'}, b'{"errors":[{"code":"BLOB_UNKNOWN"}]}')
        real = http.client.HTTPConnection('127.0.0.1', 5000)
        real.request(self.command, self.path, headers={name: self.headers[name] for name in ('Accept', 'Range') if name in self.headers})
        response = real.getresponse()
        body = response.read()
        headers = {name: value for name, value in response.getheaders() if name in ('Content-Type', 'Docker-Content-Digest', 'Content-Length', 'Content-Range')}
        self.answer(response.status, headers, body)

    do_HEAD = do_GET

    def do_CONNECT(self):
        login = 'Basic ' + base64.b64encode(b'me:secret').decode()
        if self.headers.get('Proxy-Authorization') != login:
            return self.answer(407, {'Proxy-Authenticate': 'Basic realm="proxy"'})
        self.send_response(200)
        self.end_headers()
        with socket.create_connection(('127.0.0.1', 5443)) as far:
            ends = {self.connection: far, far: self.connection}
            while True:
                for one in select.select(list(ends), [], [])[0]:
                    data = one.recv(65536)
                    if not data:
                        self.close_connection = True
                        return
                    ends[one].sendall(data)


class Server(http.server.ThreadingHTTPServer):
    def get_request(self):
        connection, address = super().get_request()
        if mode in ('expired', 'early', 'client'):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain('new.pem' if mended() or mode == 'client' else 'old.pem', 'key.pem')
            if mode == 'client':
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations('client.pem')
            connection = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            try:
                connection.do_handshake()
            except ssl.SSLError:
                time.sleep(0.3)
                os.read(connection.fileno(), 65536)  # closed with unread bytes, a socket is reset, and the alert is lost
                connection.close()
                raise
        return connection, address

    def handle_error(self, *ignored):
        pass


def note(port):
    with open('port.new', 'w') as file:
        file.write(str(port))
    os.rename('port.new', 'port')


if mode == 'resolver':
    questions = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    questions.bind(('127.0.0.1', 53))
    note(53)
    while True:
        question, sender = questions.recvfrom(2048)
        questions.sendto(question[:2] + b'\x81\x83' + question[4:6] + bytes(6) + question[12:], sender)
else:
    server = Server(('127.0.0.1', 0), Handler)
    note(server.server_address[1])
    server.serve_forever()
