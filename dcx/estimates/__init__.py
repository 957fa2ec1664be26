"""Estimates: what VMs and disks will cost, before anybody orders them."""
