#!/usr/bin/env python3
"""Gives the configuration of hessra_authz to an owner whom the server does not trust: hessra_owner.py, as root.

The server is the one that psql finds in the environment, with the extension made in its database; the user is a
superuser. A file of the server's user or of root is read, one of anybody else's is not. Prints ok or what was wrong.
"""
import os
import subprocess
import sys

KEY = "MCowBQYDK2VwAyEAJ76ORoOjZtjQGPj9kHkGIG/DQh9loLOq7sO0nmf101g="


def psql(statement):
    run = subprocess.run(
        ["psql", "-XAtq", "-v", "VERBOSITY=verbose", "-c", statement], capture_output=True, text=True, timeout=60
    )
    return run.stdout.strip() + run.stderr


def main():
    if os.geteuid() != 0:
        sys.exit("FAIL hessra_owner: it takes root to give a file away")
    data = psql("SHOW data_directory")
    server = os.stat(data).st_uid
    path = os.path.join(data, "hessra_owner.json")
    with open(path, "w") as file:
        file.write('{"public_key": "-----BEGIN PUBLIC KEY-----\\n%s\\n-----END PUBLIC KEY-----\\n"}\n' % KEY)
    os.chmod(path, 0o644)
    stranger = 1 if server != 1 else 2
    wrong = 0
    for owner, trusted in ((0, True), (server, True), (stranger, False)):
        os.chown(path, owner, -1)
        answer = psql("SELECT hessra_init('%s')" % path)
        if answer != "t" if trusted else "F0000" not in answer or "owned by" not in answer:
            wrong += 1
            print("FAIL hessra_owner: owner %d, server %d: %s" % (owner, server, answer))
    os.remove(path)
    if not wrong:
        print("ok hessra_owner")
    sys.exit(wrong != 0)


if __name__ == "__main__":
    main()
