"""The kill switch's rules as text: what is asked for, and what is refused.  What they do: ``test_leaks.py``."""

from __future__ import annotations

import ipaddress
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tunnel import kill_switch
from tunnel.errors import FirewallError
from tunnel.kill_switch import KillSwitch, load

V4, V6 = ipaddress.ip_address("192.0.2.1"), ipaddress.ip_address("2001:db8::1")
RESOLVER = ipaddress.ip_address("10.99.0.1")


def accepted(script: str, hook: str) -> list[str]:
    """The rules of a chain that let something pass."""
    found = re.search(rf"chain {hook} {{\n(.*?)    }}\n", script, re.DOTALL)
    assert found is not None and "policy drop;" in found[1]
    return [line.strip() for line in found[1].splitlines() if line.endswith("accept")]


def test_without_a_device_only_the_node_and_loopback_may_be_reached() -> None:
    script = KillSwitch(V4, 7000, protocol="tcp").rules()
    assert accepted(script, "output") == ['oifname "lo" accept', "ip daddr 192.0.2.1 tcp dport 7000 accept"]
    assert accepted(script, "input") == ['iifname "lo" accept', "ip saddr 192.0.2.1 tcp sport 7000 accept"]
    assert accepted(script, "forward") == []


@pytest.mark.parametrize("endpoint", [V4, V6])
@pytest.mark.parametrize("dns", [None, RESOLVER])
@pytest.mark.parametrize("ipv6", [False, True])
def test_every_rule_that_lets_pass_names_loopback_the_node_neighbours_or_the_device(endpoint, dns, ipv6) -> None:  # type: ignore[no-untyped-def]
    script = KillSwitch(endpoint, 51820, "wg0", dns=dns, ipv6=ipv6).rules()
    for hook in ("output", "input"):
        for rule in accepted(script, hook):
            outside = rule.split('!= "wg0" ')[-1]
            good = ('oifname "lo"', 'iifname "lo"', 'oifname "wg0"', 'iifname "wg0" ct state', "icmpv6 type")
            assert outside.startswith(good) or str(endpoint) in outside
            assert "icmpv6" not in outside or endpoint.version == 6
    assert ("meta nfproto ipv6 drop" in script) is not ipv6
    assert ("dport { 53, 853 } drop" in script) is (dns is not None)


REFUSED = {
    "port 0": {"port": 0},
    "port too high": {"port": 65536},
    "a device that is a rule": {"device": 'wg0" accept #'},
    "a pattern of devices": {"device": "*"},
    "no device's name": {"device": ""},
    "loopback": {"device": "lo"},
    "another protocol": {"protocol": "icmp"},
    "DNS without a device": {"device": None, "dns": RESOLVER},
    "IPv6 without a device": {"device": None, "ipv6": True},
    "a resolver that cannot be reached": {"dns": V6},
    "an endpoint with a scope": {"endpoint": ipaddress.ip_address("fe80::1%eth0")},
    "a resolver with a scope": {"dns": ipaddress.ip_address("fe80::1%eth0"), "ipv6": True},
}


@pytest.mark.parametrize("changed", REFUSED.values(), ids=REFUSED)
def test_rules_that_are_refused(changed: dict[str, object]) -> None:
    with pytest.raises(FirewallError):
        KillSwitch(**{"endpoint": V4, "port": 51820, "device": "wg0", **changed})  # type: ignore[arg-type]


@given(st.text(max_size=20))
def test_no_name_of_a_device_breaks_out_of_the_rules(name: str) -> None:
    try:
        script = KillSwitch(V4, 1, name).rules()
    except FirewallError:
        return
    assert script.replace(f'"{name}"', '"wg0"') == KillSwitch(V4, 1, "wg0").rules()


def test_nft_that_is_missing_or_refuses_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(FirewallError, match="cannot be started"):
        load("")
    answer = subprocess.CompletedProcess(["nft"], 1, "", "Error: syntax error\n")
    monkeypatch.setattr(kill_switch.subprocess, "run", lambda *_, **__: answer)
    with pytest.raises(FirewallError, match="syntax error"):
        load("nonsense")


GOOD = ["--endpoint", "192.0.2.1:51820", "--device", "wg0"]


def test_the_command_prints_the_rules(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["kill_switch", *GOOD, "--dns", "10.99.0.1"])
    kill_switch.main()
    assert capsys.readouterr().out == KillSwitch(V4, 51820, "wg0", dns=RESOLVER).rules()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--load"],
        ["--unload", *GOOD],
        ["--unload", "--load"],
        ["--endpoint", "node.example:51820"],
        ["--endpoint", "192.0.2.1"],
        ["--endpoint", "192.0.2.1:0"],
        [*GOOD, "--dns", "resolver.example"],
        [*GOOD, "--dns", "::1"],
    ],
)
def test_what_the_command_refuses(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(kill_switch, "load", loaded.append)
    monkeypatch.setattr(sys, "argv", ["kill_switch", *arguments])
    with pytest.raises(SystemExit) as stopped:
        kill_switch.main()
    assert stopped.value.code not in (0, None) and loaded == []
