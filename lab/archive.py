"""Unpacks and packs archives for the lab with nothing but Python's standard library.

unpack ARCHIVE DEST PATTERN   every member whose whole name matches PATTERN goes to DEST/<first group>; prints the count
tgz    DIR NAME OUT           DIR as NAME/ in a gzipped tar; equal trees give equal bytes; prints the SHA-512
jar    DIR OUT MAIN_CLASS     DIR as a jar with a manifest; equal trees give equal bytes

It does not fetch, verify or decide anything: its callers have checked the digest of what they hand over.
"""

import gzip
import hashlib
import os
import re
import shutil
import sys
import tarfile
import zipfile


def members(archive):
    """(name, mode, opener) of every file of a tar or zip archive, in the archive's own order."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as z:
            for i in z.infolist():
                if not i.is_dir():
                    yield i.filename, (i.external_attr >> 16) & 0o777, lambda i=i: z.open(i)
    else:
        with tarfile.open(archive) as t:
            for i in t:
                if i.isfile():
                    yield i.name, i.mode & 0o777, lambda i=i: t.extractfile(i)


def unpack(archive, dest, pattern):
    wanted = re.compile(pattern)
    count = 0
    for name, mode, opener in members(archive):
        m = wanted.fullmatch(name)
        if not m:
            continue
        if ".." in m.group(1).split("/") or m.group(1).startswith("/"):
            sys.exit(f"{archive}: member {name!r} would leave the destination")
        path = os.path.join(dest, m.group(1))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with opener() as src, open(path, "wb") as out:
            shutil.copyfileobj(src, out, 1 << 20)
        os.chmod(path, 0o755 if mode & 0o100 else 0o644)
        count += 1
    print(count)


def files_below(root):
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            yield path, os.path.relpath(path, root)


class Hashed:
    """A file that is digested while it is written."""

    def __init__(self, out):
        self.out = out
        self.digest = hashlib.sha512()

    def write(self, data):
        self.digest.update(data)
        return self.out.write(data)

    def flush(self):
        self.out.flush()


def tgz(root, top, out):
    def anonymous(info):
        info.mtime = 0
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        info.mode = 0o755 if info.mode & 0o100 else 0o644
        return info

    with open(out, "wb") as raw:
        hashed = Hashed(raw)
        # Level 1: nearly all of a release is jars, which do not get any smaller.
        with gzip.GzipFile(filename="", mode="wb", compresslevel=1, fileobj=hashed, mtime=0) as packed:
            with tarfile.open(mode="w", fileobj=packed, format=tarfile.PAX_FORMAT) as t:
                for path, name in files_below(root):
                    t.add(path, f"{top}/{name}", recursive=False, filter=anonymous)
    print(hashed.digest.hexdigest())


def jar(root, out, main_class):
    def entry(z, name, data):
        z.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)

    with zipfile.ZipFile(out, "w") as z:
        entry(z, "META-INF/MANIFEST.MF", f"Manifest-Version: 1.0\r\nMain-Class: {main_class}\r\n\r\n")
        for path, name in files_below(root):
            with open(path, "rb") as f:
                entry(z, name, f.read())


if __name__ == "__main__":
    {"unpack": unpack, "tgz": tgz, "jar": jar}[sys.argv[1]](*sys.argv[2:])
