#!/usr/bin/env python3
"""Checks packaging/docker without Docker: docker.py FOLDER.

Instructions are known ones, images have a tag, what is copied is in the context and not ignored, stages are there,
packages exist, shell commands parse. Then the trees that the Dockerfile copies are made in FOLDER: the commands of the
libraries must find all their packages there, and the extensions are built there as the Dockerfile does. The compose
file's references must lead somewhere. Prints what is wrong, also if it does not notice faults that are put in.
"""
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCKER = ROOT / "packaging" / "docker"
KNOWN = {"ARG", "FROM", "WORKDIR", "COPY", "RUN", "HEALTHCHECK", "CMD"}
SERVICE = {"build", "image", "environment", "depends_on", "volumes", "command", "networks"}


def instructions(text):
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [line.split(" ", 1) for line in joined.splitlines() if line.strip()]


def ignored(source, rules):
    return not any(rule.startswith("!") and (source + "/").startswith(rule[1:] + "/") for rule in rules)


def stages(text):
    """What each stage copies of the context and runs, and faults."""
    rules = (ROOT / ".dockerignore").read_text().split()
    found, faults, arguments = {}, [], {}
    copied, ran = [], []
    for name, rest in instructions(text):
        for argument, value in arguments.items():
            rest = rest.replace("${%s}" % argument, value)
        if name not in KNOWN:
            faults.append("unknown instruction " + name)
        elif name == "ARG" and "=" in rest:
            arguments.update([rest.split("=", 1)])
        elif name == "FROM":
            image, _, stage = rest.partition(" AS ")
            if not re.fullmatch(r"[a-z]+:[a-z0-9.-]+", image) or image.endswith(":latest"):
                faults.append("an image without a tag: " + image)
            copied, ran = [], []
            found[stage or "last"] = (copied, ran)
        elif name == "COPY":
            words = rest.split()
            if words[0].startswith("--from="):
                if words[0][7:] not in found:
                    faults.append("no stage " + words[0][7:])
                continue
            for source in words[:-1]:
                if not (ROOT / source).exists() or ignored(source, rules):
                    faults.append("not in the context: " + source)
                elif words[-1].startswith("./"):
                    copied.append(source)
        elif name == "RUN":
            ran.append(rest)
            if subprocess.run(["sh", "-n", "-c", rest], capture_output=True).returncode != 0:
                faults.append("no shell command: " + rest)
            for names in re.findall(r"apt-get install((?: [^&]+)+)", rest):
                for package in [n for n in names.split() if not n.startswith("-")]:
                    if subprocess.run(["apt-cache", "show", package], capture_output=True).returncode != 0:
                        faults.append("no package " + package)
    return found, faults


def build(found, folder):
    """Does what two of the stages do, with the files that they have."""
    for stage, (copied, ran) in found.items():
        tree = folder / stage
        tree.mkdir(parents=True)
        for source in copied:
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, tree / source, symlinks=True)
            else:
                shutil.copy(ROOT / source, tree / source)
    libraries, extensions = folder / "libraries", folder / "extensions"
    go = subprocess.check_output(["bash", "scripts/setup.sh", "go-path"], cwd=libraries, text=True).strip()
    environment = dict(os.environ, PATH=go + ":" + os.environ["PATH"], GOFLAGS="-mod=vendor", GOTOOLCHAIN="local")
    run = lambda words, tree: subprocess.run(words, cwd=tree, env=environment, check=True, stdout=subprocess.DEVNULL)
    run(["go", "list", "-deps", "./cmd/asherah-ffi", "./cmd/hessra-ffi"], libraries)
    make = [command for command in found["libraries"][1] + found["extensions"][1] if command.startswith("make ")]
    run(shlex.split(make[0]) + ["--dry-run"], libraries)
    words = [w for w in shlex.split(make[1]) if not w.startswith(("DESTDIR=", "PG_CONFIG="))]
    run(words + ["DESTDIR=%s" % (folder / "installed")], extensions)
    names = ("hessra_authz.so", "asherah_crypt.so")
    return ["not built: " + name for name in names if not list(folder.rglob("installed/**/" + name))]


def compose(text):
    page = yaml.safe_load(text)
    services = page["services"]
    for name, service in services.items():
        if set(service) - SERVICE:
            yield "%s: unknown keys %s" % (name, set(service) - SERVICE)
        context = DOCKER / service.get("build", {}).get("context", ".")
        if "build" in service and not (context / service["build"]["dockerfile"]).exists():
            yield name + ": no Dockerfile"
        if ("image" in service) == ("build" in service):
            yield name + ": either an image or a build"
        for volume in service.get("volumes", []):
            if not (DOCKER / volume.split(":")[0]).exists():
                yield "%s: no %s" % (name, volume)
        for other in service.get("depends_on", {}):
            if other not in services:
                yield "%s: no service %s" % (name, other)
        for network in service.get("networks", []):
            if network not in page["networks"]:
                yield "%s: no network %s" % (name, network)


def main():
    dockerfile, file = (DOCKER / "Dockerfile").read_text(), (DOCKER / "compose.yaml").read_text()
    found, faults = stages(dockerfile)
    faults += list(compose(file))
    if not faults:
        faults += build(found, pathlib.Path(sys.argv[1]))
    for old, new in [("COPY vendor", "COPY vendors"), ("--from=libraries", "--from=library"), ("gcc ", "gcc-none "),
                     ("COPY include", "COPY docs"), ("golang:1.27-bookworm", "golang"), ("&& rm", "&& && rm"),
                     ("WORKDIR", "WORK")]:
        if not stages(dockerfile.replace(old, new))[1]:
            faults.append("a fault is not noticed: " + new)
    for old, new in [("scenarios.sh:/", "none.sh:/"), ("dockerfile: p", "dockerfile: q"), ("      db:", "      dc:"),
                     ("- trial", "- other")]:
        if not list(compose(file.replace(old, new))):
            faults.append("a fault is not noticed: " + new)
    for fault in faults:
        print(fault)
    return 1 if faults else 0


sys.exit(main())
