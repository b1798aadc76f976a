import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.FileReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Security;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.*;
import org.bouncycastle.cms.jcajce.*;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.OutputAEADEncryptor;
import org.bouncycastle.operator.OutputEncryptor;
import org.bouncycastle.operator.jcajce.JcaAlgorithmParametersConverter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.util.Store;
import org.bouncycastle.util.encoders.Hex;

/**
 * Bouncy Castle's CMS for the tests of interoperability: one command a line on standard input, one answer a line on
 * standard output, "ok" or "no" and the reason. Words are separated by spaces; files are named by their paths.
 */
@SuppressWarnings({"unchecked", "rawtypes"}) // the library has raw types
public class BouncyCastle {
    static final String BC = "BC";

    public static void main(String[] none) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            try {
                run(line.split(" "));
                System.out.println("ok");
            } catch (Exception refused) {
                System.out.println("no " + refused.toString().replace('\n', ' '));
            }
        }
    }

    static void run(String[] words) throws Exception {
        byte[] input = read(words[1]);
        byte[] output;
        switch (words[0]) {
            case "sign": output = sign(input, words); break;
            case "verify": output = verify(input, words); break;
            case "encrypt": output = encrypt(input, words); break;
            case "decrypt": output = decrypt(input, words); break;
            case "compress":
                output = new CMSCompressedDataGenerator()
                        .generate(new CMSProcessableByteArray(input), new ZlibCompressor())
                        .getEncoded();
                break;
            default: throw new IllegalArgumentException(words[0]);
        }
        Files.write(Path.of(words[2]), output);
    }

    /** sign IN OUT opaque|detached attributes|direct CERTIFICATES ALGORITHM,KEY,CERTIFICATE... */
    static byte[] sign(byte[] content, String[] words) throws Exception {
        CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
        List<X509CertificateHolder> certificates = new ArrayList<>(certificates(words[5]));
        for (String signer : Arrays.copyOfRange(words, 6, words.length)) {
            String[] of = signer.split(",");
            X509CertificateHolder certificate = certificates(of[2]).get(0);
            certificates.add(certificate);
            generator.addSignerInfoGenerator(
                    new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().setProvider(BC).build())
                            .setDirectSignature(words[4].equals("direct"))
                            .build(new JcaContentSignerBuilder(of[0]).setProvider(BC).build(key(of[1])), certificate));
        }
        generator.addCertificates(new JcaCertStore(certificates));
        return generator.generate(new CMSProcessableByteArray(content), words[3].equals("opaque")).getEncoded();
    }

    /** verify CMS OUT CONTENT|- ANCHOR MILLISECONDS; the path of every signer is built at that time. */
    static byte[] verify(byte[] cms, String[] words) throws Exception {
        CMSSignedData signed = words[3].equals("-")
                ? new CMSSignedData(cms)
                : new CMSSignedData(new CMSProcessableByteArray(read(words[3])), cms);
        Collection<SignerInformation> signers = signed.getSignerInfos().getSigners();
        if (signers.isEmpty()) {
            throw new CMSException("no signers");
        }
        for (SignerInformation signer : signers) {
            X509CertificateHolder certificate =
                    (X509CertificateHolder) signed.getCertificates().getMatches(signer.getSID()).iterator().next();
            if (!signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider(BC).build(certificate))) {
                throw new CMSException("a signature does not verify");
            }
            path(certificate, signed.getCertificates(), words[4], Long.parseLong(words[5]));
        }
        return (byte[]) signed.getSignedContent().getContent();
    }

    static void path(X509CertificateHolder end, Store<X509CertificateHolder> others, String anchor, long at)
            throws Exception {
        JcaX509CertificateConverter convert = new JcaX509CertificateConverter().setProvider(BC);
        Set<X509Certificate> all = new HashSet<>();
        for (X509CertificateHolder other : others.getMatches(null)) {
            all.add(convert.getCertificate(other));
        }
        X509CertSelector selector = new X509CertSelector();
        selector.setCertificate(convert.getCertificate(end));
        selector.setExtendedKeyUsage(Set.of("1.3.6.1.5.5.7.3.4"));
        TrustAnchor root = new TrustAnchor(convert.getCertificate(certificates(anchor).get(0)), null);
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(Set.of(root), selector);
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(all), BC));
        parameters.setRevocationEnabled(false);
        parameters.setDate(new Date(at));
        CertPathBuilder.getInstance("PKIX", BC).build(parameters);
    }

    /** encrypt IN OUT CIPHER RECIPIENT..., of which each is KIND,... and ends with a certificate, a password or a key. */
    static byte[] encrypt(byte[] content, String[] words) throws Exception {
        OutputEncryptor cipher =
                new JceCMSContentEncryptorBuilder(cms(words[3])).setProvider(BC).build();
        CMSEnvelopedGenerator generator = cipher instanceof OutputAEADEncryptor
                ? new CMSAuthEnvelopedDataGenerator()
                : new CMSEnvelopedDataGenerator();
        for (String recipient : Arrays.copyOfRange(words, 4, words.length)) {
            generator.addRecipientInfoGenerator(recipient(recipient.split(",")));
        }
        CMSProcessableByteArray typed = new CMSProcessableByteArray(content);
        if (generator instanceof CMSAuthEnvelopedDataGenerator) {
            return ((CMSAuthEnvelopedDataGenerator) generator).generate(typed, (OutputAEADEncryptor) cipher).getEncoded();
        }
        return ((CMSEnvelopedDataGenerator) generator).generate(typed, cipher).getEncoded();
    }

    static RecipientInfoGenerator recipient(String[] words) throws Exception {
        String last = words[words.length - 1];
        switch (words[0]) {
            case "rsa": // rsa,CERTIFICATE
                return new JceKeyTransRecipientInfoGenerator(certificate(last)).setProvider(BC);
            case "oaep": { // oaep,HASH,MASK-HASH,LABEL-IN-HEX,CERTIFICATE
                OAEPParameterSpec spec = new OAEPParameterSpec(words[1], "MGF1", new MGF1ParameterSpec(words[2]),
                        words[3].isEmpty() ? PSource.PSpecified.DEFAULT : new PSource.PSpecified(Hex.decode(words[3])));
                return new JceKeyTransRecipientInfoGenerator(certificate(last), new JcaAlgorithmParametersConverter()
                        .getAlgorithmIdentifier(PKCSObjectIdentifiers.id_RSAES_OAEP, spec)).setProvider(BC);
            }
            case "ecdh": { // ecdh,KDF,WRAP,CERTIFICATE
                X509Certificate to = certificate(last);
                KeyPairGenerator pairs = KeyPairGenerator.getInstance(to.getPublicKey().getAlgorithm(), BC);
                if (to.getPublicKey() instanceof ECPublicKey) {
                    pairs.initialize(((ECPublicKey) to.getPublicKey()).getParams());
                }
                KeyPair ephemeral = pairs.generateKeyPair();
                return new JceKeyAgreeRecipientInfoGenerator(
                        cms(words[1]), ephemeral.getPrivate(), ephemeral.getPublic(), cms(words[2]))
                        .addRecipient(to).setProvider(BC);
            }
            case "password": // password,PRF,CIPHER,PASSWORD
                return new JcePasswordRecipientInfoGenerator(cms(words[2]), last.toCharArray()).setProvider(BC)
                        .setPRF((PasswordRecipient.PRF) PasswordRecipient.PRF.class.getField(words[1]).get(null))
                        .setPasswordConversionScheme(PasswordRecipient.PKCS5_SCHEME2_UTF8);
            case "kek": // kek,KEY-IDENTIFIER-IN-HEX,KEY-IN-HEX
                return new JceKEKRecipientInfoGenerator(
                        Hex.decode(words[1]), new SecretKeySpec(Hex.decode(last), "AES")).setProvider(BC);
            default: throw new IllegalArgumentException(words[0]);
        }
    }

    /** decrypt IN OUT KIND,KEY-OR-PASSWORD: by the first recipient of this kind that opens. */
    static byte[] decrypt(byte[] cms, String[] words) throws Exception {
        boolean authenticated =
                ContentInfo.getInstance(cms).getContentType().equals(CMSObjectIdentifiers.authEnvelopedData);
        Collection<RecipientInformation> recipients = authenticated
                ? new CMSAuthEnvelopedData(cms).getRecipientInfos().getRecipients()
                : new CMSEnvelopedData(cms).getRecipientInfos().getRecipients();
        String[] with = words[3].split(",");
        Exception last = new CMSException("no recipient of this kind");
        for (RecipientInformation recipient : recipients) {
            try {
                return recipient.getContent(opener(with, authenticated));
            } catch (Exception other) {
                last = other;
            }
        }
        throw last;
    }

    static Recipient opener(String[] with, boolean authenticated) throws Exception {
        switch (with[0]) {
            case "rsa":
                return authenticated
                        ? new JceKeyTransAuthEnvelopedRecipient(key(with[1])).setProvider(BC)
                        : new JceKeyTransEnvelopedRecipient(key(with[1])).setProvider(BC);
            case "ecdh": return new JceKeyAgreeEnvelopedRecipient(key(with[1])).setProvider(BC);
            case "kek": return new JceKEKEnvelopedRecipient(new SecretKeySpec(Hex.decode(with[1]), "AES")).setProvider(BC);
            case "password":
                return new JcePasswordEnvelopedRecipient(with[1].toCharArray())
                        .setPasswordConversionScheme(PasswordRecipient.PKCS5_SCHEME2_UTF8).setProvider(BC);
            default: throw new IllegalArgumentException(with[0]);
        }
    }

    /** An algorithm by its name in CMSAlgorithm, or by its object identifier. */
    static ASN1ObjectIdentifier cms(String name) throws Exception {
        return Character.isDigit(name.charAt(0))
                ? new ASN1ObjectIdentifier(name)
                : (ASN1ObjectIdentifier) CMSAlgorithm.class.getField(name).get(null);
    }

    static byte[] read(String file) throws Exception {
        return Files.readAllBytes(Path.of(file));
    }

    static List<X509CertificateHolder> certificates(String file) throws Exception {
        List<X509CertificateHolder> found = new ArrayList<>();
        try (FileInputStream pem = new FileInputStream(file)) {
            for (java.security.cert.Certificate one : CertificateFactory.getInstance("X.509", BC).generateCertificates(pem)) {
                found.add(new X509CertificateHolder(one.getEncoded()));
            }
        }
        return found;
    }

    static X509Certificate certificate(String file) throws Exception {
        return new JcaX509CertificateConverter().setProvider(BC).getCertificate(certificates(file).get(0));
    }

    static PrivateKey key(String file) throws Exception {
        try (PEMParser pem = new PEMParser(new FileReader(file))) {
            return new JcaPEMKeyConverter().setProvider(BC).getPrivateKey((PrivateKeyInfo) pem.readObject());
        }
    }
}
