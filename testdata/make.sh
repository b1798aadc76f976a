#!/bin/sh
# Makes the keys and certificates of testdata/. Only what is missing is made: what is here stays as it is.
# Needs gpg 2.2, openssl 3, faketime, and openssl 3.6 (scripts/openssl-3.6). Everything it writes is public and good for tests alone.
set -eu
cd "$(dirname "$0")"

work=$(mktemp -d)
export GNUPGHOME="$work/gnupg"
trap 'gpgconf --kill all 2>/dev/null || :; rm -rf "$work"' EXIT
mkdir -m 700 "$GNUPGHOME"
mkdir -p openpgp smime

# --- OpenPGP ---------------------------------------------------------------------------------------------

# openpgp NAME USER-ID PASSPHRASE SIGNING-ALGORITHM ENCRYPTION-ALGORITHM
openpgp() {
    [ -e "openpgp/$1.key.asc" ] && [ -e "openpgp/$1.cert.asc" ] && return
    echo "openpgp/$1"
    set -- "$1" "$2" "$3" "$4" "$5" \
        --batch --quiet --faked-system-time '20260101T000000!' --pinentry-mode loopback --passphrase "$3"
    name=$1 user=$2 sign=$4 encrypt=$5
    shift 5
    gpg "$@" --quick-gen-key "$user" "$sign" cert,sign never
    fingerprint=$(gpg --batch --with-colons --list-keys "=$user" | awk -F: '$1 == "fpr" { print $10; exit }')
    gpg "$@" --quick-add-key "$fingerprint" "$encrypt" encr never
    gpg "$@" --armor --export "$fingerprint" >"openpgp/$name.cert.asc"
    gpg "$@" --armor --export-secret-keys "$fingerprint" >"openpgp/$name.key.asc"
    gpg --batch --yes --delete-secret-and-public-key "$fingerprint"
}

openpgp alice 'Alice <alice@example.org>' '' ed25519 cv25519
openpgp bob 'Bob <bob@example.org>' '' rsa3072 rsa3072
openpgp carol 'Carol <carol@example.org>' '' ed25519 cv25519
openpgp locked 'Locked <locked@example.org>' 'correct horse' ed25519 cv25519
openpgp eve 'Eve <eve@example.org>' '' ed25519 cv25519
openpgp eve-as-alice 'Alice <alice@example.org>' '' ed25519 cv25519

# --- X.509 -----------------------------------------------------------------------------------------------

# newer ...: openssl 3.6, which alone knows ML-KEM and ML-DSA
newer() { "$(../scripts/openssl-3.6)" "$@"; }

export CA_DIR="$work/ca"
from=20260101000000Z
until=21260101000000Z

# key NAME rsa|p256|p384|p521|ed25519|x25519|ml-dsa-65|ml-kem-768: a PKCS#8 key in smime/NAME.key.pem
key() {
    [ -e "smime/$1.key.pem" ] && return
    case $2 in
    rsa) openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out "smime/$1.key.pem" ;;
    p256 | p384 | p521)
        openssl genpkey -quiet -algorithm EC -pkeyopt "ec_paramgen_curve:P-${2#p}" -out "smime/$1.key.pem" ;;
    ed25519 | x25519) openssl genpkey -quiet -algorithm "$2" -out "smime/$1.key.pem" ;;
    ml-*) newer genpkey -quiet -algorithm "$2" -out "smime/$1.key.pem" ;;
    esac
}

# database: an empty one for `openssl ca`, which alone can set both dates
database() {
    rm -rf "$CA_DIR"
    mkdir "$CA_DIR"
    : >"$CA_DIR/index.txt"
    echo 'unique_subject = no' >"$CA_DIR/index.txt.attr"
    echo "$1" >"$CA_DIR/serial"
    echo 01 >"$CA_DIR/crlnumber"
}

# cert NAME KIND ISSUER SERIAL EXTENSIONS COMMON-NAME [ADDRESS [UNTIL]]
cert() {
    [ -e "smime/$1.crt.pem" ] && return
    echo "smime/$1"
    key "$1" "$2"
    database "$4"
    subject="/O=Mailseal Test/CN=$6"
    self=
    if [ "$3" = "$1" ]; then self=-selfsign; fi
    openssl req -new -config openssl.cnf -key "smime/$1.key.pem" -subj "$subject" -out "$work/req.pem"
    ADDRESS=${7:-none@example.org} openssl ca -batch -notext -config openssl.cnf $self -extensions "$5" \
        -cert "smime/$3.crt.pem" -keyfile "smime/$3.key.pem" -startdate "$from" -enddate "${8:-$until}" \
        -in "$work/req.pem" -out "smime/$1.crt.pem" 2>"$work/log" || { cat "$work/log"; exit 1; }
}

# cert_of NAME KIND SERIAL EXTENSIONS COMMON-NAME ADDRESS: for a key that cannot sign a request
cert_of() {
    [ -e "smime/$1.crt.pem" ] && return
    echo "smime/$1"
    key "$1" "$2"
    newer pkey -in "smime/$1.key.pem" -pubout -out "$work/public.pem"
    ADDRESS=$6 faketime '2026-01-01 00:00:00' "$(../scripts/openssl-3.6)" x509 -new -force_pubkey "$work/public.pem" \
        -subj "/O=Mailseal Test/CN=$5" -set_serial "0x$3" -days 36500 -extfile openssl.cnf -extensions "$4" \
        -CA smime/intermediate.crt.pem -CAkey smime/intermediate.key.pem -out "smime/$1.crt.pem"
}

# p12 NAME PASSPHRASE: key, certificate and the intermediate in openssl 3's default form (PBES2, AES-256, SHA-256)
p12() {
    [ -e "smime/$1.p12" ] && return
    echo "smime/$1.p12"
    newer pkcs12 -export -inkey "smime/$1.key.pem" -in "smime/$1.crt.pem" -certfile smime/intermediate.crt.pem \
        -name "$1" -passout "pass:$2" -out "smime/$1.p12"
}

cert root rsa root 01 root 'Mailseal Test Root'
cert intermediate rsa root 02 intermediate 'Mailseal Test Intermediate'
cert alice rsa intermediate 11 rsa 'Alice' alice@example.org
cert bob p256 intermediate 12 p256 'Bob' bob@example.org
cert dave rsa intermediate 13 rsa 'Dave' dave@example.org
cert expired rsa intermediate 14 rsa 'Alice (expired)' alice@example.org 20260201000000Z
cert wrong-address p256 intermediate 15 p256 'Alice' somebody.else@example.net
cert revoked p256 intermediate 16 p256 'Alice (revoked)' alice@example.org
cert capable rsa intermediate 17 capable 'Dave (capable)' dave@example.org
cert frank p384 intermediate 18 p256 'Frank' frank@example.org
cert grace p521 intermediate 19 p256 'Grace' grace@example.org
cert heidi ed25519 intermediate 1a signing 'Heidi' heidi@example.org
cert_of heidi-reads x25519 1b encryption 'Heidi' heidi@example.org
cert_of ivan ml-dsa-65 1c signing 'Ivan' ivan@example.org
cert_of ivan-reads ml-kem-768 1d encapsulation 'Ivan' ivan@example.org
cert eve-root p256 eve-root 21 root 'Mailseal Test Root'
cert eve-as-alice p256 eve-root 22 p256 'Alice' alice@example.org
cert eve p256 eve-root 23 p256 'Eve' eve@example.org

p12 alice alice
p12 bob bob
p12 dave dave
p12 capable capable
p12 frank frank
p12 grace grace
p12 heidi heidi
p12 heidi-reads heidi-reads
p12 ivan ivan
p12 ivan-reads ivan-reads

# crl NAME [REVOKED]: the list of an authority, with the serial number of REVOKED on it since 2026-03-01
crl() {
    [ -e "smime/$1.crl.pem" ] && return
    echo "smime/$1.crl.pem"
    database 01
    if [ "${2:-}" ]; then
        serial=$(openssl x509 -in "smime/$2.crt.pem" -noout -serial)
        printf 'R\t%s\t260301000000Z,keyCompromise\t%s\tunknown\t/CN=%s\n' "$until" "${serial#serial=}" "$2" >"$CA_DIR/index.txt"
    fi
    openssl ca -gencrl -config openssl.cnf -cert "smime/$1.crt.pem" -keyfile "smime/$1.key.pem" \
        -crl_lastupdate "$from" -crl_nextupdate "$until" -out "smime/$1.crl.pem" 2>"$work/log" || { cat "$work/log"; exit 1; }
}

crl root
crl intermediate revoked

# --- What these programs cannot make: keys for gpg, then the messages of the attack classes ---------------

cargo run --quiet --package mailseal-openpgp --features openssl --example make_keys
cargo run --quiet --package mailseal-openpgp --features openssl --example make_ciphertexts
cargo run --quiet --package mailseal-openpgp --features openssl --example make_bindings
cargo run --quiet --package mailseal --example make_attacks
