// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {IPoseidon4} from "./Protocol.sol";

/// @title The note tree: arity 4, fixed depth, empty leaf 0, every root known for ever
/// @notice A note has its place from its deposit on, and is under a root from its insertion on. Many notes are inserted at
/// the price of few, for they share the nodes above them.
abstract contract NoteTree {
    error DuplicateNote();
    error TreeFull();
    /// The notes given are not the next ones that wait for their insertion.
    error WrongNotes();
    error MalformedDepth();

    event Inserted(uint256 root, uint256 size);

    uint256 public immutable DEPTH;
    IPoseidon4 public immutable POSEIDON4;

    /// Notes deposited, and of these inserted.
    uint32 public numNotes;
    uint32 public numInserted;
    /// Money behind the notes; here, because all three are in one word.
    uint192 public escrowed;
    /// The root of all inserted notes.
    uint256 public root;
    mapping(uint256 => bool) public isRoot;
    // place of a note plus one
    mapping(uint256 => uint256) private _places;
    // by level: the node over empty leaves, and the full nodes to the left of the next one, by their last digit
    mapping(uint256 => uint256) private _empty;
    mapping(uint256 => uint256[3]) private _full;

    constructor(uint256 depth, IPoseidon4 poseidon4) {
        if (depth == 0 || depth > 15) revert MalformedDepth();
        DEPTH = depth;
        POSEIDON4 = poseidon4;
        uint256 node = 0;
        for (uint256 level = 0; level < depth; ++level) {
            _empty[level] = node;
            node = poseidon4.poseidon([node, node, node, node]);
        }
        root = node; // under which there is nothing to claim
    }

    /// @return Whether there is such a note, and its place.
    function placeOf(uint256 cm) public view returns (bool, uint256) {
        uint256 found = _places[cm];
        return found == 0 ? (false, 0) : (true, found - 1);
    }

    function _append(uint256 cm) internal returns (uint256 place) {
        if (_places[cm] != 0) revert DuplicateNote();
        place = numNotes;
        if (place == 4 ** DEPTH) revert TreeFull();
        numNotes = uint32(place + 1);
        _places[cm] = place + 1;
    }

    /// @notice Insert the next notes that were deposited, in their order; anybody may.
    function insert(uint256[] calldata notes) external {
        uint256 first = numInserted;
        uint256 count = notes.length;
        uint256 end = first + count;
        if (count == 0 || end > numNotes) revert WrongNotes();
        // the touched nodes of a level, with room for the siblings before and behind them
        uint256[] memory nodes = new uint256[](count + 6);
        uint256 start = first & 3;
        for (uint256 i = 0; i < count; ++i) {
            if (_places[notes[i]] != first + i + 1) revert WrongNotes();
            nodes[start + i] = notes[i];
        }
        for (uint256 level = 0; level < DEPTH; ++level) {
            // nodes[i] is the one at position (first & ~3) + i of this level, for i from start to start + count - 1
            uint256[3] storage full = _full[level];
            for (uint256 i = 0; i < start; ++i) nodes[i] = full[i];
            uint256 numFull = end - (first - start);
            uint256 group = numFull & ~uint256(3);
            for (uint256 i = group > start ? group : start; i < numFull; ++i) full[i - group] = nodes[i];
            uint256 used = start + count;
            uint256 numParents = (used + 3) >> 2;
            if (used & 3 != 0) {
                uint256 empty = _empty[level];
                for (uint256 i = used; i < numParents << 2; ++i) nodes[i] = empty;
            }
            first >>= 2;
            end >>= 2;
            start = first & 3;
            uint256[] memory parents = new uint256[](numParents + 6);
            for (uint256 i = 0; i < numParents; ++i) {
                uint256 child = i << 2;
                parents[start + i] = POSEIDON4.poseidon([nodes[child], nodes[child + 1], nodes[child + 2], nodes[child + 3]]);
            }
            nodes = parents;
            count = numParents;
        }
        root = nodes[0];
        isRoot[nodes[0]] = true;
        numInserted += uint32(notes.length);
        emit Inserted(nodes[0], numInserted);
    }
}
