"""The reference tunnel, its stream back end: read noise_ik, stream, transport, node and client in this order."""
