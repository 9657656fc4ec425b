"""Who lives beyond our network: another CPM System, and Non-CPM Clients."""
