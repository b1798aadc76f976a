// OpenPGP.js for the tests of interoperability.
//
// One command a line on standard input, one answer a line on standard output, "ok" or "no" and the reason. Words are
// separated by spaces; files are named by their paths, and "-" is none.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const openpgp = createRequire(process.argv[2])("openpgp");

const key = (path) => openpgp.readPrivateKey({ armoredKey: readFileSync(path, "utf8") });
const certificate = (path) => openpgp.readKey({ armoredKey: readFileSync(path, "utf8") });
const maybe = (read, path) => (path === "-" ? undefined : read(path));

// FORM is binary or text.
async function sign(content, form, keyFile) {
    const message =
        form === "text"
            ? await openpgp.createMessage({ text: content.toString("utf8") })
            : await openpgp.createMessage({ binary: content });
    return openpgp.sign({ message, signingKeys: await key(keyFile), detached: true });
}

// Gives the fingerprint of the certificate whose signature is valid.
async function verify(content, signatureFile, certificateFile) {
    const octets = readFileSync(signatureFile);
    const isBinary = (octets[0] & 0x80) !== 0;
    const signature = await openpgp.readSignature(
        isBinary ? { binarySignature: octets } : { armoredSignature: octets.toString("utf8") },
    );
    const verificationKeys = await certificate(certificateFile);
    const message = await openpgp.createMessage({ binary: content });
    const { signatures } = await openpgp.verify({ message, signature, verificationKeys });
    await signatures[0].verified;
    return verificationKeys.getFingerprint();
}

// Signs where SIGNER is no "-".
async function encrypt(content, signer, ...certificateFiles) {
    return openpgp.encrypt({
        message: await openpgp.createMessage({ binary: content }),
        encryptionKeys: await Promise.all(certificateFiles.map(certificate)),
        signingKeys: await maybe(key, signer),
    });
}

// Does not name the recipient.
async function hide(content, certificateFile) {
    return openpgp.encrypt({
        message: await openpgp.createMessage({ binary: content }),
        encryptionKeys: await certificate(certificateFile),
        wildcard: true,
    });
}

async function lock(content, passwordFile) {
    const passwords = [readFileSync(passwordFile, "utf8")];
    return openpgp.encrypt({ message: await openpgp.createMessage({ binary: content }), passwords });
}

async function unlock(sealed, passwordFile) {
    const message = await openpgp.readMessage({ armoredMessage: sealed.toString("utf8") });
    const passwords = [readFileSync(passwordFile, "utf8")];
    return (await openpgp.decrypt({ message, format: "binary", passwords })).data;
}

// Where SIGNER is no "-", writes the fingerprint of that certificate to REPORT if the signature is valid.
async function decrypt(sealed, signer, keyFile, report) {
    const verificationKeys = await maybe(certificate, signer);
    const message = await openpgp.readMessage({ armoredMessage: sealed.toString("utf8") });
    const options = { message, format: "binary", decryptionKeys: await key(keyFile), verificationKeys };
    const { data, signatures } = await openpgp.decrypt(options);
    if (verificationKeys) {
        await signatures[0].verified;
        writeFileSync(report, verificationKeys.getFingerprint());
    }
    return data;
}

const verbs = { sign, verify, encrypt, decrypt, hide, lock, unlock };

for await (const line of createInterface({ input: process.stdin })) {
    const [verb, from, to, ...words] = line.split(" ");
    try {
        writeFileSync(to, await verbs[verb](readFileSync(from), ...words));
        console.log("ok");
    } catch (error) {
        console.log(`no ${String(error.message).replaceAll("\n", " ")}`);
    }
}
