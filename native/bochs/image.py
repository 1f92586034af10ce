"""A bootable image with Debian's kernel and the programs to run, for machine.py.

It is an ISO of two files beside its boot loader: the kernel, out of Debian's package, which is unpacked and never
installed, and an initial file system: busybox, the programs at the paths that they have here, and the shared libraries
that they load.  Its /init runs them one after another and says on the serial port when each begins and ends.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

KERNEL = "linux-image-cloud-amd64"
BUSYBOX, XORRISO = "/bin/busybox", "/usr/bin/xorriso"
BOOT_LOADER, BOOT_MODULE = "/usr/lib/ISOLINUX/isolinux.bin", "/usr/lib/syslinux/modules/bios/ldlinux.c32"
# by the package of Debian in which each comes
TOOLS = {"busybox-static": BUSYBOX, "xorriso": XORRISO, "isolinux": BOOT_LOADER, "syslinux-common": BOOT_MODULE}

# Bochs 2.7 misstates the layout of XSAVE with PKU (515) and in the compacted form (XSAVEC 321, XSAVES 323), and Linux
# would turn AVX off: it is told to use none of the three.  It is told its clock, as CPUID promises a faster one.
ISOLINUX = """\
default tests
label tests
kernel vmlinuz
initrd initrd
append quiet console=ttyS0,115200 nokaslr mitigations=off clearcpuid=515,321,323 tsc_early_khz={khz}
"""

# The loader of shared libraries binds all names at once: when it binds one later, it keeps the registers by XSAVEC, and
# XRSTOR of that is a general protection fault in Bochs 2.7.
INIT = """\
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin ZKRELAY_BOCHS=1 LD_BIND_NOW=1
mount -t devtmpfs none /dev
mount -t proc none /proc
exec </dev/ttyS0 >/dev/ttyS0 2>&1
run() {
  echo "@begin $1"
  shift
  env "$@"
  status=$?
  [ $status -lt 128 ] || dmesg | tail -n 2  # the signal, and where it came from
  echo
  echo "@end $status"
}
grep -q -w avx512ifma /proc/cpuinfo || echo '@without'
"""


class MachineError(Exception):
    """The machine could not be made, or did not get to its end."""


@dataclass(frozen=True)
class Program:
    """A command: the path of an executable here and its arguments, of which paths go along; and NAME=value for each."""

    name: str
    arguments: tuple[str, ...]
    environment: tuple[str, ...] = ()


def need(tools: dict[str, str]) -> None:
    missing = " ".join(package for package, path in tools.items() if not Path(path).exists())
    if missing:
        raise MachineError(
            f"the emulated machine needs more of Debian: apt-get install --no-install-recommends {missing}"
        )


def make_image(folder: Path, programs: list[Program], *, khz: int) -> Path:
    """The image in `folder`, where the kernel stays for the next time."""
    root, iso, image = folder / "root", folder / "iso", folder / "image.iso"
    for made in (root, iso):
        shutil.rmtree(made, ignore_errors=True)
    _fill_root(root, programs)
    iso.mkdir()
    names = "\n".join(sorted(str(path.relative_to(root)) for path in root.rglob("*")))
    with (iso / "initrd").open("wb") as archive:
        command = [BUSYBOX, "cpio", "-o", "-H", "newc"]
        subprocess.run(command, cwd=root, input=names.encode(), stdout=archive, stderr=subprocess.DEVNULL, check=True)  # noqa: S603
    shutil.copy(_kernel(folder), iso / "vmlinuz")
    shutil.copy(BOOT_LOADER, iso)
    shutil.copy(BOOT_MODULE, iso)
    (iso / "isolinux.cfg").write_text(ISOLINUX.format(khz=khz))
    boot = ["-b", "isolinux.bin", "-c", "boot.cat", "-no-emul-boot", "-boot-load-size", "4", "-boot-info-table"]
    _run([XORRISO, "-as", "mkisofs", "-quiet", "-o", str(image), *boot, str(iso)], folder)
    return image


def _fill_root(root: Path, programs: list[Program]) -> None:
    for name in ("bin", "dev", "proc", "tmp"):
        (root / name).mkdir(parents=True)
    shutil.copy(BUSYBOX, root / "bin")
    runs = []
    for program in programs:
        libraries = re.findall(r"(/\S+) \(0x", _run(["ldd", program.arguments[0]], root))
        for path in {*libraries, *(argument for argument in program.arguments if argument.startswith("/"))}:
            _put(root, Path(path))
        runs.append(shlex.join(["run", program.name, *program.environment, *program.arguments]))
    init = root / "init"
    init.write_text(INIT + "\n".join(runs) + "\necho @done\nsleep 1d\n")
    init.chmod(0o755)


def _put(root: Path, path: Path) -> None:
    """The file or folder at the same path in the image."""
    inside = root / path.relative_to("/")
    if inside.exists():
        return
    inside.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.copytree(path, inside)
    else:
        shutil.copy(path, inside)


def _kernel(folder: Path) -> Path:
    """Debian's kernel: downloaded and checked by apt, and unpacked, where that is not done yet."""
    unpacked = folder / "kernel"
    if not list(unpacked.glob("boot/vmlinuz-*")):
        package = re.search(r"Depends: (linux-image-\S+)", _run(["apt-cache", "depends", KERNEL], folder))
        if package is None:
            raise MachineError(f"apt knows of no package {KERNEL}: apt-get update")
        for old in folder.glob("linux-image-*.deb"):
            old.unlink()
        _run(["apt-get", "download", "-q", package[1]], folder)
        (archive,) = folder.glob("linux-image-*.deb")
        _run(["dpkg", "--extract", str(archive), str(unpacked)], folder)
    (kernel,) = unpacked.glob("boot/vmlinuz-*")
    return kernel


def _run(command: list[str], folder: Path) -> str:
    try:
        done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603
    except FileNotFoundError as error:
        raise MachineError(f"{command[0]} is not installed: this is for Debian") from error
    except subprocess.CalledProcessError as error:
        raise MachineError(f"{shlex.join(command)}: {(error.stderr or error.stdout).strip()}") from error
    return done.stdout
