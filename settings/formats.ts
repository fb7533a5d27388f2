import * as ipaddr from "ipaddr.js";

// Texts that settings may be, as those who read them want them.

/** The last label is no number: such a name is an address in an unusual spelling, such as `10.1` or `0x7f000001`. */
export const hostName =
    /^(?=.{1,253}$)(?!-)(?!(?:.*\.)?(?:\d+|0[xX][0-9A-Fa-f]*)\.?$)[A-Za-z0-9_-]{1,63}(?:\.(?!-)[A-Za-z0-9_-]{1,63})*\.?$/;

/** One address, or none: no name beside it, no list. */
export const emailAddress =
    /^$|^(?=.{3,254}$)[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}$/;

/**
 * A range as EC2 itself writes it. Other spellings are read differently elsewhere (`010.0.0.0` is 8.0.0.0 for some), and
 * the same range in two spellings is a rule that exists already.
 */
export function isAddressRange(text: string): boolean {
    if (!ipaddr.isValidCIDR(text)) {
        return false;
    }
    const [, bits] = ipaddr.parseCIDR(text);
    if (text.includes(":")) {
        const network = ipaddr.IPv6.networkAddressFromCIDR(text);
        return !network.isIPv4MappedAddress() && text === `${network.toRFC5952String()}/${bits}` && bits >= 32;
    }
    return text === `${ipaddr.IPv4.networkAddressFromCIDR(text).toString()}/${bits}` && bits >= 8;
}

/**
 * A range that a VPC may have: not of the public internet, which could not be reached then, and as wide as EC2 takes at most.
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
 */
export function isVpcRange(text: string): boolean {
    if (text.includes(":") || !isAddressRange(text)) {
        return false;
    }
    const [network, bits] = ipaddr.IPv4.parseCIDR(text);
    return bits >= 16 && bits <= 24 && ["private", "carrierGradeNat"].includes(network.range());
}

export const isAddress = (text: string) => isAddressRange(`${text}/${text.includes(":") ? 128 : 32}`);

/**
 * One OpenSSH public key: the type that its text names must be the type that its data holds. The data is a row of fields,
 * each behind its length; one that was cut off does not end where a field ends.
 */
export function isPublicKey(text: string): boolean {
    const [, type, data] =
        /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp\d+|sk-[a-z0-9-]+@openssh\.com) ([A-Za-z0-9+/]+={0,2})( \P{Cc}*)?$/u.exec(
            text,
        ) ?? [];
    if (!type) {
        return false;
    }
    const fields: string[] = [];
    let rest = Buffer.from(data, "base64");
    while (rest.length >= 4 && rest.length - 4 >= rest.readUInt32BE(0)) {
        const end = 4 + rest.readUInt32BE(0);
        fields.push(rest.subarray(4, end).toString());
        rest = rest.subarray(end);
    }
    return rest.length === 0 && fields.length > 1 && fields[0] === type;
}
