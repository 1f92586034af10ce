// Prints the creation code of circomlibjs's Poseidon contract for each count of inputs given.
import { poseidonContract } from "circomlibjs";

const codes = process.argv.slice(2).map((count) => poseidonContract.createCode(Number(count)));
console.log(JSON.stringify(codes));
process.exit(0); // its workers do not end by themselves
