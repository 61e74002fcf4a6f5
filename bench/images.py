#!/usr/bin/env python3
"""images.py DIRECTORY: writes an OCI layout with the two images that bench/pull.sh makes, 'layers' and 'files'.

layers   60 layers, each with 20 new files, one that replaces a file of the layer below, and a whiteout of another
files    100,000 files of 100 to 2000 bytes in 1000 directories, one layer
"""
import gzip, hashlib, io, json, os, random, sys, tarfile

root = sys.argv[1]
blobs = os.path.join(root, "blobs", "sha256")
os.makedirs(blobs, exist_ok=True)
rng = random.Random(1)


def blob(data, kind):
    digest = hashlib.sha256(data).hexdigest()
    with open(os.path.join(blobs, digest), "wb") as file:
        file.write(data)
    return {"mediaType": kind, "digest": "sha256:" + digest, "size": len(data)}


class Layer:
    def __init__(self):
        self.bytes = io.BytesIO()
        self.tar = tarfile.open(fileobj=self.bytes, mode="w", format=tarfile.PAX_FORMAT)

    def directory(self, path):
        self.add(path, tarfile.DIRTYPE, 0o755, b"")

    def file(self, path, data):
        self.add(path, tarfile.REGTYPE, 0o644, data)

    def add(self, path, kind, mode, data):
        entry = tarfile.TarInfo(path)
        entry.type, entry.mode, entry.size, entry.mtime = kind, mode, len(data), 1700000000
        self.tar.addfile(entry, io.BytesIO(data))

    def done(self):
        self.tar.close()
        return self.bytes.getvalue()


def text(size):
    """Bytes that compress about as programs and texts do."""
    return b"".join(rng.choice(WORDS) for _ in range(size // 8))


WORDS = [rng.randbytes(5) + b" of the "[: rng.randint(1, 8)] for _ in range(4096)]


def image(name, layers):
    packed = [blob(gzip.compress(layer, 6, mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip") for layer in layers]
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Cmd": ["/bin/sh"]},
        "history": [{"created_by": f"{name} {number}"} for number in range(len(layers))],
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest() for layer in layers]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": blob(json.dumps(config).encode(), "application/vnd.oci.image.config.v1+json"),
        "layers": packed,
    }
    entry = blob(json.dumps(manifest).encode(), manifest["mediaType"])
    return {**entry, "annotations": {"org.opencontainers.image.ref.name": name}}


def many_layers():
    for number in range(60):
        layer = Layer()
        layer.directory("app")
        layer.directory(f"app/step{number}")
        for index in range(20):
            layer.file(f"app/step{number}/file{index}", text(rng.randint(1000, 100000)))
        if number > 0:
            layer.file(f"app/step{number - 1}/file0", text(50000))
            layer.file(f"app/step{number - 1}/.wh.file1", b"")
        yield layer.done()


def many_files():
    layer = Layer()
    for directory in range(1000):
        layer.directory(f"d{directory}")
        for index in range(100):
            layer.file(f"d{directory}/f{index}", text(rng.randint(100, 2000)))
    return layer.done()


with open(os.path.join(root, "oci-layout"), "w") as file:
    json.dump({"imageLayoutVersion": "1.0.0"}, file)
with open(os.path.join(root, "index.json"), "w") as file:
    json.dump({"schemaVersion": 2, "manifests": [image("layers", list(many_layers())), image("files", [many_files()])]}, file)
