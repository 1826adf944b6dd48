"""Machines on one LAN, for trials of BFTGym.

Instructions:
Nothing has to be installed: BFTGym copies its program to the machines when a trial starts. Open the page of your BFTGym
server, choose this profile under Testbeds, and give the number of machines there.
"""

import geni.portal as portal

# The image has to bring a C library that is at least as new as the one of the machine on which BFTGym was built.
IMAGE = "urn:publicid:IDN+emulab.net+image+emulab-ops//UBUNTU24-64-STD"
MOST = 128


def declare_parameters(context):
    """What can be chosen. BFTGym fills in the first two, by these names."""
    context.defineParameter(
        "nodeCount",
        "Number of machines",
        portal.ParameterType.INTEGER,
        5,
        longDescription="One for the controller and the clients, the others for replicas. Several replicas may share one.",
    )
    context.defineParameter(
        "phystype",
        "Type of the machines",
        portal.ParameterType.NODETYPE,
        "",
        longDescription="Such as xl170. Without one, CloudLab takes what is free.",
    )
    context.defineParameter(
        "bandwidth",
        "Bandwidth of the LAN, kbit/s",
        portal.ParameterType.BANDWIDTH,
        0,
        longDescription="0 for as much as the machines have.",
        advanced=True,
    )
    return context.bindParameters()


def check_parameters(context, parameters):
    """Reports what cannot be built; the portal shows it beside the parameter."""
    if not 1 <= parameters.nodeCount <= MOST:
        context.reportError(
            portal.ParameterError("Choose 1 to %d machines." % MOST, ["nodeCount"]), immediate=True
        )
    if parameters.bandwidth < 0:
        context.reportError(
            portal.ParameterError("A bandwidth is 0 or more.", ["bandwidth"]), immediate=True
        )


def build_request(context, parameters):
    """Machines node0, node1 and so on, each with one interface in the LAN."""
    request = context.makeRequestRSpec()
    lan = request.LAN("lan") if parameters.nodeCount > 1 else None
    if lan is not None and parameters.bandwidth > 0:
        lan.bandwidth = parameters.bandwidth
    for number in range(parameters.nodeCount):
        node = request.RawPC("node%d" % number)
        node.disk_image = IMAGE
        if parameters.phystype:
            node.hardware_type = parameters.phystype
        if lan is not None:
            lan.addInterface(node.addInterface("eth1"))
    return request


def main():
    """Runs in CloudLab's portal."""
    context = portal.Context()
    parameters = declare_parameters(context)
    check_parameters(context, parameters)
    context.verifyParameters()
    context.printRequestRSpec(build_request(context, parameters))


main()
