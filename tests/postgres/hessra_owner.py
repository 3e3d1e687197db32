#!/usr/bin/env python3
"""Who may write or replace the configuration of hessra_authz, its key file and libhessra: hessra_owner.py, as root.

The server is the one that psql finds in the environment, with the extension made in its database; the user is a
superuser. A file of the server's user or of root is read, one of anybody else's is not, and neither is one that
somebody else could put another in the place of: in a folder that he may write, or by a symbolic link of his.
Prints ok or what was wrong.
"""
import os
import shutil
import subprocess
import sys

KEY = "MCowBQYDK2VwAyEAJ76ORoOjZtjQGPj9kHkGIG/DQh9loLOq7sO0nmf101g="


def psql(statement):
    run = subprocess.run(
        ["psql", "-XAtq", "-v", "VERBOSITY=verbose", "-c", statement], capture_output=True, text=True, timeout=60
    )
    return run.stdout.strip() + run.stderr


class Tree:
    """Files and folders below the server's data, each of an owner and a mode."""

    def __init__(self, top, server):
        self.top = top
        self.server = server
        self.stranger = 1 if server != 1 else 2
        shutil.rmtree(top, ignore_errors=True)
        self.folder("", 0o755)

    def path(self, name):
        return os.path.join(self.top, name) if name else self.top

    def folder(self, name, mode, owner=None):
        os.mkdir(self.path(name))
        os.chown(self.path(name), self.server if owner is None else owner, -1)
        os.chmod(self.path(name), mode)

    def file(self, name, content, owner=None):
        with open(self.path(name), "wb") as file:
            file.write(content)
        os.chown(self.path(name), self.server if owner is None else owner, -1)
        os.chmod(self.path(name), 0o644)

    def link(self, name, target, owner=None):
        os.symlink(target, self.path(name))
        os.lchown(self.path(name), self.server if owner is None else owner, -1)


def plant(tree, good, content):
    """The same file in many places: each name, and what of its refusal says why, None where it is trusted."""
    open_by, owned_by = "must be writable by its owner alone", "must be owned by"
    tree.file(good, content)
    for owner in (0, tree.server):
        tree.folder("by_%d" % owner, 0o755, owner)
        tree.file("by_%d/%s" % (owner, good), content, owner)
        yield "by_%d/%s" % (owner, good), None
    tree.file("stranger_" + good, content, tree.stranger)
    yield "stranger_" + good, owned_by
    for name, mode, owner, why in (
        ("all", 0o777, tree.server, open_by),
        ("group", 0o775, tree.server, open_by),
        ("strange", 0o755, tree.stranger, owned_by),
        ("sticky", 0o1777, 0, None),
    ):
        tree.folder(name, mode, owner)
        tree.file("%s/%s" % (name, good), content)
        tree.link("%s/link" % name, "../" + good)
        tree.folder(name + "/deep", 0o755)
        tree.file("%s/deep/%s" % (name, good), content)
        tree.link("to_" + name, "%s/link" % name)
        for path in ("%s/%s" % (name, good), name + "/link", "%s/deep/%s" % (name, good), "to_" + name):
            yield path, why
    tree.link("sticky/strange", "../" + good, tree.stranger)
    yield "sticky/strange", owned_by
    tree.link("link.1", good)
    tree.link("link", tree.path("link.1"))
    tree.link("folder", "by_0/../by_0/.")
    yield "link", None
    yield "folder/" + good, None
    tree.link("loop", "loop")
    yield "loop", "symbolic links"


def main():
    if os.geteuid() != 0:
        sys.exit("FAIL hessra_owner: it takes root to give a file away")
    data = psql("SHOW data_directory")
    top = os.path.join(data, "hessra_owner")
    server = os.stat(data).st_uid
    library = psql("LOAD 'hessra_authz'; SHOW hessra.library_path")
    pem = "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n" % KEY
    config = ('{"public_key": "%s"}\n' % pem.replace("\n", "\\n")).encode()
    wrong = asked = 0

    def expect(what, path, answer, why):
        nonlocal wrong, asked
        asked += 1
        if answer != "t" if why is None else why not in answer or "ERROR" not in answer:
            wrong += 1
            print("FAIL hessra_owner: %s %s: %s" % (what, path, answer))

    tree = Tree(top, server)
    for path, why in plant(tree, "hessra.json", config):
        expect("configuration", path, psql("SELECT hessra_init('%s')" % tree.path(path)), why)
    tree = Tree(top, server)
    for path, why in plant(tree, "key.pem", pem.encode()):
        tree.file("naming.json", ('{"public_key_file": "%s"}' % path).encode())
        expect("key file", path, psql("SELECT hessra_init('%s')" % tree.path("naming.json")),
               "is not there" if why == "symbolic links" else why)
    tree = Tree(top, server)
    tree.file("hessra.json", config)
    with open(library, "rb") as file:
        content = file.read()
    for path, why in plant(tree, "libhessra.so.1", content):
        load = "LOAD 'hessra_authz'; SET hessra.library_path = '%s'; SELECT hessra_init('%s')"
        if why is not None:
            why = "could not find the file" if why == "symbolic links" else "others than root and the server's user"
        expect("library", path, psql(load % (tree.path(path), tree.path("hessra.json"))), why)
    shutil.rmtree(top)
    print("FAIL hessra_owner" if wrong or asked < 60 else "ok hessra_owner: %d files" % asked)
    sys.exit(wrong != 0 or asked < 60)


if __name__ == "__main__":
    main()
