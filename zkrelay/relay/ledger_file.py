"""A ledger's settings in a file, so that every process of its operator opens the same ledger.

    store             a path for SQLite, or what libpq calls a connection string or URL for PostgreSQL
    schema            the ledger's name within a PostgreSQL database; null for SQLite
    domain, venue, window, finality, refund_period      as in ``Settlement``
    claim_key, batch_keys, registration_key      paths of verifying keys; the store pins their SHA-256
    epoch_seconds     epoch = seconds since 1970 / epoch_seconds
    allow_development let keys without a ceremony move (test) money, and let a caller set the clock

Paths are relative to the file.  A connection string may hold a password: the file has mode 0600.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import DevelopmentKeyRefused, MalformedInput
from ..formats import read_verifying_key
from .domain import EPOCH_BITS, SINGLE_STORE_VENUE, Domain
from .numbers import check_range, parse_decimal, parse_fields
from .record import read_record
from .settlement import DEFAULT_REFUND_PERIOD, DEFAULT_WINDOW, Settlement
from .store import SettlementStore
from .store_sqlite import SqliteStore

LEDGER_TYPE = "zkrelay-ledger"
DEFAULT_EPOCH_SECONDS = 3600
_NUMBERS = ("venue", "window", "finality", "refund_period", "epoch_seconds")
_TEXTS = ("store", "schema", "claim_key", "registration_key")
_NAMES = (*_NUMBERS, *_TEXTS, "domain", "batch_keys", "allow_development")
_URL = ("postgresql://", "postgres://")


@dataclass(frozen=True)
class LedgerFile:
    """``folder`` is what relative paths start from.

    Raises (on construction):
        MalformedInput: a schema without PostgreSQL or the other way round, or no seconds in an epoch.
    """

    store: str = field(repr=False)
    domain: Domain
    claim_key: str
    schema: str | None = None
    batch_keys: Mapping[int, str] = field(default_factory=dict)
    registration_key: str | None = None
    epoch_seconds: int = DEFAULT_EPOCH_SECONDS
    venue: int = SINGLE_STORE_VENUE
    window: int = DEFAULT_WINDOW
    finality: int = 0
    refund_period: int = DEFAULT_REFUND_PERIOD
    allow_development: bool = False
    folder: Path = Path()

    def __post_init__(self) -> None:
        check_range("epoch_seconds", self.epoch_seconds, 1, 1 << EPOCH_BITS)
        if not self.store or self.is_server != (self.schema is not None):
            raise MalformedInput("a ledger has a file as its store, or a PostgreSQL URL and a schema in it")

    @property
    def is_server(self) -> bool:
        """Whether the store is PostgreSQL, and no file."""
        return self.store.startswith(_URL)

    def epoch(self) -> int:
        """The present one by the clock of this machine."""
        return int(time.time()) // self.epoch_seconds

    @contextmanager
    def open(self, *, epoch: int | None = None, create: bool = False) -> Iterator[Settlement]:
        """The ledger, for as long as the block runs.

        Args:
            epoch: in place of the clock's; for a ledger of development keys only.
            create: make the store when it is not there.

        Raises:
            DevelopmentKeyRefused: a key has no ceremony behind it, or the clock was set, and neither is allowed.
            FileNotFoundError: there is no store yet.
            StoreError, InvalidKey: as ``Settlement``; also the errors of ``read_verifying_key``.
        """
        clock, keys = self._clock(epoch), self._read_keys()
        with self.open_store(create=create) as store:
            yield self._over(store, clock, **keys)

    def over(self, store: SettlementStore, *, epoch: int | None = None, **settings: Any) -> Settlement:
        """The ledger over a store that the caller opened (``open_store``) and closes.

        Args:
            settings: of ``Settlement``, beside those that the file has: ``stake_rules``, ``funding``, ...

        Raises as ``open``.
        """
        return self._over(store, self._clock(epoch), **self._read_keys(), **settings)

    def open_store(self, *, create: bool = False) -> SettlementStore:
        """The store alone; raises ``FileNotFoundError`` and ``StoreError`` as ``open``."""
        if self.schema is not None:
            from .store_postgres import PostgresStore

            return PostgresStore(self.store, ledger=self.schema)
        path = self.folder / self.store
        if not create and not path.exists():
            raise FileNotFoundError(errno.ENOENT, "the ledger has no store", str(path))
        return SqliteStore(path)

    def to_dict(self) -> dict[str, Any]:
        """For JSON: decimal strings, null, true and false.  May hold a password."""
        return {
            **{name: str(getattr(self, name)) for name in _NUMBERS},
            **{name: getattr(self, name) for name in (*_TEXTS, "allow_development")},
            "domain": self.domain.to_strings(),
            "batch_keys": {str(num_slots): path for num_slots, path in self.batch_keys.items()},
        }

    @classmethod
    def read(cls, path: Path) -> LedgerFile:
        """The file at ``path``, whose folder is where its paths start; raises as ``read_record`` and ``from_dict``."""
        _, fields = read_record(path, LEDGER_TYPE)
        return cls.from_dict(fields, path.parent)

    @classmethod
    def from_dict(cls, data: object, folder: Path = Path()) -> LedgerFile:
        """Inverse of ``to_dict``; raises ``MalformedInput`` for anything else, and as the class."""
        fields = dict(parse_fields("a ledger's file", data, _NAMES))
        for name in _TEXTS:
            if not isinstance(fields[name], str) and (name in ("store", "claim_key") or fields[name] is not None):
                raise MalformedInput(f"{name} of a ledger's file must be text")
        if not isinstance(fields["allow_development"], bool):
            raise MalformedInput("allow_development of a ledger's file must be true or false")
        keys = fields["batch_keys"]
        if not isinstance(keys, dict) or any(not isinstance(path, str) for path in keys.values()):
            raise MalformedInput("batch_keys of a ledger's file must be paths by number of slots")
        fields["batch_keys"] = {parse_decimal("slots of a batch", slots): path for slots, path in keys.items()}
        fields["domain"] = Domain.from_strings(fields["domain"])
        fields |= {name: parse_decimal(name, fields[name]) for name in _NUMBERS}
        return cls(**fields, folder=folder)

    def _read_keys(self) -> dict[str, Any]:
        registration = self.registration_key
        return {
            "verifier": read_verifying_key(self.folder / self.claim_key),
            "batch_verifiers": {
                num_slots: read_verifying_key(self.folder / path) for num_slots, path in self.batch_keys.items()
            },
            "registration_verifier": None if registration is None else read_verifying_key(self.folder / registration),
        }

    def _clock(self, epoch: int | None) -> Callable[[], int]:
        if epoch is None:
            return self.epoch
        if not self.allow_development:
            raise DevelopmentKeyRefused("only a ledger that allows development keys takes its epoch from a caller")
        return lambda: epoch

    def _over(self, store: SettlementStore, clock: Callable[[], int], **settings: Any) -> Settlement:
        return Settlement(
            store,
            self.domain,
            clock=clock,
            venue=self.venue,
            window=self.window,
            finality=self.finality,
            refund_period=self.refund_period,
            allow_development=self.allow_development,
            **settings,
        )
