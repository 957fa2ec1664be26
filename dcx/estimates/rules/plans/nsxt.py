"""NSX: load balancers by size, addresses; most of the rest has no price."""

from dcx.estimates.rules.asks import AskedLine
from dcx.estimates.rules.plans.attributes import Gap, GapError
from dcx.estimates.rules.plans.found import Found, Side, no_meter, rules_of

USUAL_SIZE = "SMALL"
_SIZES = ("SMALL", "MEDIUM", "LARGE", "XLARGE", "DLB")


def load_balancer(side: Side) -> Found:
    """By size: none has a meter yet, so the size is only named."""
    try:
        size = side.given.text("size", "its size") or USUAL_SIZE
    except GapError as error:
        return Found(gaps=(error.gap,))
    shown = size if size in _SIZES else "of a size that is not known here"
    return Found(gaps=(Gap(f"A load balancer, {shown}: price books have no meter for this."),))


def address(side: Side) -> Found:
    return Found((AskedLine("ip", side.name),))


_PRICED = {
    "policy_lb_service": load_balancer,
    "policy_ip_address_allocation": address,
    "policy_ipsec_vpn_session": no_meter("A VPN"),
    "policy_l2_vpn_session": no_meter("A VPN"),
}
_FREE = {
    "Gateways, segments and their rules have no price of their own.": """
        policy_tier0_gateway policy_tier1_gateway policy_tier1_gateway_interface
        policy_tier0_gateway_interface policy_nat_rule policy_segment policy_fixed_segment
        policy_vlan_segment policy_static_route policy_group policy_service policy_security_policy
        policy_security_policy_rule policy_gateway_policy policy_gateway_policy_rule
        policy_predefined_security_policy policy_predefined_gateway_policy policy_bgp_config
        policy_bgp_neighbor policy_gateway_redistribution_config policy_gateway_prefix_list
        policy_context_profile policy_vm_tags policy_project vpc vpc_subnet vpc_nat_rule""",
    "DHCP and DNS have no price.": """
        policy_dhcp_server policy_dhcp_relay policy_dhcp_v4_static_binding
        policy_dhcp_v6_static_binding policy_gateway_dns_forwarder policy_dns_forwarder_zone""",
    "A pool is a supply: what is taken from it has a price.": """
        policy_ip_pool policy_ip_pool_block_subnet policy_ip_pool_static_subnet policy_ip_block""",
    "It is part of its load balancer.": """
        policy_lb_pool policy_lb_virtual_server policy_lb_http_application_profile
        policy_lb_fast_tcp_application_profile policy_lb_udp_application_profile
        policy_lb_http_monitor_profile policy_lb_https_monitor_profile policy_lb_tcp_monitor_profile
        policy_lb_icmp_monitor_profile policy_lb_client_ssl_profile policy_lb_server_ssl_profile
        policy_lb_cookie_persistence_profile policy_lb_source_ip_persistence_profile""",
    "It is part of its VPN.": """
        policy_ipsec_vpn_service policy_ipsec_vpn_local_endpoint policy_ipsec_vpn_ike_profile
        policy_ipsec_vpn_tunnel_profile policy_ipsec_vpn_dpd_profile policy_l2_vpn_service""",
}
RULES = rules_of("nsxt_", _PRICED, _FREE)
