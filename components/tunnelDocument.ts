/** The one Session Manager document that teammates may use. It forwards a port; it runs nothing. */
export const tunnelDocument = "AWS-StartPortForwardingSession";
