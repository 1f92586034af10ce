"""A machine with AVX-512 IFMA where there is none: Bochs emulates it, and runs programs of ours under Debian's Linux.

It reads nothing but the image and writes nothing but its serial port, which is a file here.  The emulator is stopped
when the image's /init says that it is done.

Bochs 2.7, which Debian 12 has, errs in two instructions that concern the kernel, against Intel's pseudo-code:

- ADOX leaves in OF whether the sum overflows as a signed one, not its carry: ~0 + ~0 gives OF = 0.  So what runs here
  is built with the CMake option ZKR_WITHOUT_ADX.
- PSRLQ and VPSRLQ by a register that holds exactly 64 change nothing, where IF COUNT > 63 THEN DEST := 0.  The kernel
  never does that; tests/test_emulation_equal.c leaves that count out when ZKRELAY_BOCHS is set.
"""

from __future__ import annotations

import os
import re
import select
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from image import TOOLS, MachineError, Program, make_image, need

BOCHS, PLUGINS = "/usr/bin/bochs", "/usr/lib/x86_64-linux-gnu/bochs/plugins"
BIOS, VGA_BIOS = "/usr/share/bochs/BIOS-bochs-latest", "/usr/share/vgabios/vgabios.bin"
ALL_TOOLS = {
    **TOOLS,
    "bochs": BOCHS,
    "bochs-term": f"{PLUGINS}/libbx_term_gui.so",
    "bochsbios": BIOS,
    "vgabios": VGA_BIOS,
}

# instructions to a second of the machine's clocks: few, so that what waits for them waits briefly
MILLION_A_SECOND = 50

# Cannon Lake has IFMA and VBMI; Linux 6.1 does not come up on Bochs's Ice Lake.
BOCHSRC = """\
display_library: term
cpu: model=corei3_cnl, ips={million}000000
megs: {megabytes}
romimage: file={bios}
vgaromimage: file={vga_bios}
ata0-master: type=cdrom, path={image}, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev={serial}
plugin_ctrl: unmapped=1, biosdev=1, serial=1, speaker=0, extfpuirq=0, parallel=0, iodebug=0
log: {log}
panic: action=fatal
"""


@dataclass(frozen=True)
class Outcome:
    name: str
    status: int
    seconds: float  # of this machine's processor
    output: str


def run_programs(folder: Path, programs: list[Program], *, megabytes: int = 512, limit_s: float) -> Iterator[Outcome]:
    """Each program's outcome, in order, when it is known; MachineError where the machine does not reach the end."""
    need(ALL_TOOLS)
    folder.mkdir(parents=True, exist_ok=True)
    image = make_image(folder, programs, khz=1000 * MILLION_A_SECOND)
    where, output, begun = "before the first program", [], 0.0
    for now, line in _serial_lines(folder, image, megabytes, limit_s):
        word, _, rest = line.partition(" ")
        if word == "@done":
            return
        if word == "@without":
            raise MachineError("Linux does not find AVX-512 IFMA in the machine")
        if word == "@begin":
            where, output, begun = rest, [], now
        elif word == "@end":
            yield Outcome(where, int(rest), now - begun, "\n".join(output).strip())
            where = f"after {where}"
        else:
            output.append(line)
    raise MachineError(
        f"the machine stopped, or its {limit_s:.0f} s were over: {where}; {folder}/serial, said and log say more"
    )


def _serial_lines(folder: Path, image: Path, megabytes: int, limit_s: float) -> Iterator[tuple[float, str]]:
    """Lines from the serial port as they come, each with the seconds of processor that the emulator has had by then."""
    names = ("serial", "log", "said", "bochsrc", "debugger")
    serial, log, said, settings, debugger = (folder / name for name in names)
    files = {"image": image, "serial": serial, "log": log, "bios": BIOS, "vga_bios": VGA_BIOS}
    settings.write_text(BOCHSRC.format(million=MILLION_A_SECOND, megabytes=megabytes, **files))
    debugger.write_text("continue\n")  # Debian's Bochs begins in its debugger; when that has no more to read, it ends
    serial.write_bytes(b"")
    command = [BOCHS, "-f", str(settings), "-rc", str(debugger)]
    with said.open("wb") as output, serial.open("rb") as port:
        streams = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": subprocess.STDOUT}
        machine = subprocess.Popen(command, env={**os.environ, "TERM": "linux"}, **streams)  # noqa: S603
        screen, begun, end = None, b"", time.monotonic() + limit_s
        try:
            while machine.poll() is None and time.monotonic() < end:
                if screen is None:
                    time.sleep(0.1)
                    screen = _screen(said.read_text(errors="replace"))
                elif select.select([screen], [], [], 0.1)[0]:
                    os.read(screen, 1 << 16)
                *lines, begun = (begun + port.read()).split(b"\n")
                for line in lines:
                    yield _processor_seconds(machine.pid), line.decode(errors="replace").rstrip("\r")
        finally:
            machine.kill()
            machine.wait()
            if screen is not None:
                os.close(screen)


def _screen(said: str) -> int | None:
    """The terminal that the emulator has opened as its display: where nobody reads it, the emulator comes to wait."""
    found = re.search(r'connected to screen "(.+)"', said)
    return None if found is None else os.open(found[1], os.O_RDONLY | os.O_NOCTTY)


def _processor_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
