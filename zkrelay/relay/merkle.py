"""The note tree: append-only, of fixed depth and arity, plain Poseidon of the children, empty leaf 0.

    node = P_arity(child_0, ..., child_{arity-1}),  index digits least significant first, children in index order

Only nodes above a used leaf are kept, so memory grows with the leaves (a third more than them for arity 4).  A leaf is
always a tagged hash that the escrow computed, so it cannot be mistaken for an inner node, and the fixed depth keeps
the levels apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from ..algebra.poseidon import poseidon, poseidon_many
from ..errors import InvalidClaim, MalformedInput, TreeFull
from .numbers import check_element, check_range

MIN_ARITY, MAX_ARITY = 2, 5
MAX_DEPTH = 32
EMPTY_LEAF = 0


class TreeNodes(Protocol):
    """Where a tree keeps its nodes; level 0 are the leaves, level ``depth`` the root.  Positions fill without gaps."""

    def get(self, level: int, position: int) -> int | None:
        """The node, or None while no leaf below it is used."""

    def set(self, level: int, position: int, value: int) -> None: ...


class MemoryNodes:
    """Nodes in lists, one a level."""

    def __init__(self, depth: int) -> None:
        self._levels: list[list[int]] = [[] for _ in range(depth + 1)]

    def get(self, level: int, position: int) -> int | None:
        nodes = self._levels[level]
        return nodes[position] if position < len(nodes) else None

    def set(self, level: int, position: int, value: int) -> None:
        nodes = self._levels[level]
        if position == len(nodes):
            nodes.append(value)
        else:
            nodes[position] = value


class PrefixNodes:
    """The nodes that a tree over ``nodes`` had while it held ``size`` leaves; hashes at most one path anew."""

    def __init__(self, nodes: TreeNodes, arity: int, size: int) -> None:
        self._nodes = nodes
        self._arity = arity
        self._size = size
        self._border: dict[int, int] = {}  # level -> its only node with leaves on both sides of the end

    def get(self, level: int, position: int) -> int | None:
        leaves = self._arity**level
        if position * leaves >= self._size:
            return None
        if (position + 1) * leaves <= self._size:
            return self._nodes.get(level, position)
        if level not in self._border:
            empty = empty_nodes(self._arity, level)[level - 1]
            below = (self.get(level - 1, position * self._arity + digit) for digit in range(self._arity))
            self._border[level] = poseidon([empty if node is None else node for node in below])
        return self._border[level]

    def set(self, level: int, position: int, value: int) -> None:
        raise TypeError("the past of a tree does not change")


@dataclass(frozen=True)
class MerkleProof:
    """``path[i]`` are *all* children of the i-th node from the leaf's parent up, in order; no index is needed."""

    leaf: int
    path: tuple[tuple[int, ...], ...]

    @property
    def root(self) -> int:
        """The root this proof leads to.

        Raises:
            InvalidClaim: a node of the path is not among its parent's children, or the path is empty.
            NonCanonicalNumber, ValueError: a child is no field element, or a level has no or too many children.
        """
        if not self.path:
            raise InvalidClaim("a Merkle proof needs at least one level")
        node = self.leaf
        for level, children in enumerate(self.path):
            if node not in children:
                raise InvalidClaim(f"level {level} of the Merkle proof does not hold the node below it")
            node = poseidon(children)
        return node


class MerkleTree:
    """A tree over ``nodes`` (memory by default) that already hold ``size`` leaves."""

    def __init__(self, arity: int = 4, depth: int = 10, nodes: TreeNodes | None = None, size: int = 0) -> None:
        """Raises ``MalformedInput`` for an arity outside 2..5, a depth outside 1..32, or a size above the capacity."""
        check_range("arity", arity, MIN_ARITY, MAX_ARITY + 1)
        check_range("depth", depth, 1, MAX_DEPTH + 1)
        check_range("size", size, 0, arity**depth + 1)
        self.arity = arity
        self.depth = depth
        self._nodes: TreeNodes = MemoryNodes(depth) if nodes is None else nodes
        self._size = size
        self._empty = empty_nodes(arity, depth)
        self._roots = [self.root]

    def __len__(self) -> int:
        """Leaves in use."""
        return self._size

    @property
    def capacity(self) -> int:
        return int(self.arity**self.depth)

    @property
    def root(self) -> int:
        return self._node(self.depth, 0)

    @property
    def roots(self) -> Sequence[int]:
        """Every root since this object was made, oldest first: append-only, so that no claim loses its root."""
        return tuple(self._roots)

    def append(self, leaf: int) -> int:
        """Put ``leaf`` at the next free index and return the index; depth hashes.

        Raises:
            NonCanonicalNumber: the leaf is no field element.
            MalformedInput: the leaf is 0, which stands for "empty".
            TreeFull: there is no free index.
        """
        index = self._size
        self._check_new(leaf, 1)
        self._nodes.set(0, index, leaf)
        position = index
        for level in range(self.depth):
            position //= self.arity
            self._nodes.set(level + 1, position, poseidon(self._children(level + 1, position)))
        self._size = index + 1
        self._roots.append(self.root)
        return index

    def extend(self, leaves: Sequence[int]) -> None:
        """Append many leaves with one hash per touched node; of the roots only the last is recorded.

        Raises as ``append``, and then nothing was appended.
        """
        for leaf in leaves:
            self._check_new(leaf, len(leaves))
        if not leaves:
            return
        first, last = self._size, self._size + len(leaves) - 1
        for offset, leaf in enumerate(leaves):
            self._nodes.set(0, first + offset, leaf)
        for level in range(1, self.depth + 1):
            first, last = first // self.arity, last // self.arity
            positions = range(first, last + 1)
            hashes = poseidon_many([self._children(level, position) for position in positions])
            for position, value in zip(positions, hashes, strict=True):
                self._nodes.set(level, position, value)
        self._size += len(leaves)
        self._roots.append(self.root)

    def proof(self, index: int) -> MerkleProof:
        """Membership of the leaf at ``index`` under the present root; ``MalformedInput`` for an unused index."""
        check_range("index", index, 0, self._size)
        path, position = [], index
        for level in range(1, self.depth + 1):
            position //= self.arity
            path.append(tuple(self._children(level, position)))
        return MerkleProof(self._node(0, index), tuple(path))

    def _node(self, level: int, position: int) -> int:
        value = self._nodes.get(level, position)
        return self._empty[level] if value is None else value

    def _children(self, level: int, position: int) -> list[int]:
        return [self._node(level - 1, position * self.arity + digit) for digit in range(self.arity)]

    def _check_new(self, leaf: int, count: int) -> None:
        check_element("leaf", leaf)
        if leaf == EMPTY_LEAF:
            raise MalformedInput("the leaf 0 stands for an empty place")
        if self._size + count > self.capacity:
            raise TreeFull(f"the tree has {self.capacity} leaves and {self._size} are used")


@lru_cache(maxsize=32)
def empty_nodes(arity: int, depth: int) -> tuple[int, ...]:
    """The node of each level, 0..depth, below which no leaf is used."""
    nodes = [EMPTY_LEAF]
    for _ in range(depth):
        nodes.append(poseidon([nodes[-1]] * arity))
    return tuple(nodes)
