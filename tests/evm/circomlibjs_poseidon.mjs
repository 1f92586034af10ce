// Prints the creation code of circomlibjs's Poseidon contract for each count of inputs given.
import { poseidonContract } from "circomlibjs";

const codes = process.argv.slice(2).map((count) => poseidonContract.createCode(Number(count)));
// its workers do not end by themselves, and an exit before all is written would cut it off
process.stdout.write(JSON.stringify(codes), () => process.exit(0));
