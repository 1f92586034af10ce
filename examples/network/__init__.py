"""A whole network on one machine: service, relays, exit and clients, each a process, and every byte and coin accounted.

__main__     the command
plan         who is there, and who fetches what through whom
stage        keys, ledger, identities and notes in a folder
children     processes that are started, listened to, and stopped whatever happens
traveller    a client's process: the tunnel with its payers, and a program that fetches through it
fetch        that program: SOCKS5, HTTP, SHA-256
play         the plot
reckoning    what must hold in the end
view         what is shown meanwhile, on a terminal or in a pipe
"""
