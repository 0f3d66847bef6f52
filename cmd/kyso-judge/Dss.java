import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.pades.validation.PDFDocumentValidator;
import eu.europa.esig.dss.service.crl.OnlineCRLSource;
import eu.europa.esig.dss.service.ocsp.OnlineOCSPSource;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.client.http.NativeHTTPDataLoader;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonCertificateSource;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.aia.DefaultAIASource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import eu.europa.esig.validationreport.ValidationReportUtils;

import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.xml.transform.stream.StreamSource;

/**
 * EU DSS as a judge. A line of the standard input asks for the verdict on one
 * file: its path, the anchor, an intermediate certificate, "alone" when nothing
 * may be fetched, and the password, with tabs between; or "report" and a path asks
 * whether a validation report keeps to its schema. A line of JSON answers.
 */
public class Dss {
    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            String[] asked = line.split("\t", -1);
            String answer;
            try {
                answer = asked.length == 2 ? report(asked[1]) : judge(asked[0], asked[1], asked[2], asked[3].equals("alone"), asked[4]);
            } catch (Exception | LinkageError e) {
                answer = "{\"error\":" + quote(e.toString()) + "}";
            }
            out.println(answer);
        }
    }

    /** Holds a validation report against the schema of ETSI TS 119 102-2. */
    private static String report(String path) throws Exception {
        ValidationReportUtils.getInstance().getSchema().newValidator().validate(new StreamSource(new File(path)));
        return "{\"valid\":true}";
    }

    private static String judge(String path, String root, String known, boolean alone, String password) {
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
        trusted.addCertificate(certificate(root));
        verifier.setTrustedCertSources(trusted);
        CommonCertificateSource more = new CommonCertificateSource();
        more.addCertificate(certificate(known));
        verifier.setAdjunctCertSources(more);
        if (!alone) {
            NativeHTTPDataLoader loader = new NativeHTTPDataLoader();
            verifier.setOcspSource(new OnlineOCSPSource(loader));
            verifier.setCrlSource(new OnlineCRLSource(loader));
            verifier.setAIASource(new DefaultAIASource(loader));
        }
        SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(path));
        validator.setCertificateVerifier(verifier);
        if (validator instanceof PDFDocumentValidator && !password.isEmpty()) {
            ((PDFDocumentValidator) validator).setPasswordProtection(password.toCharArray());
        }
        Reports reports = validator.validateDocument();
        SimpleReport simple = reports.getSimpleReport();
        List<String> signatures = new ArrayList<>();
        for (String id : simple.getSignatureIdList()) {
            SignatureWrapper s = reports.getDiagnosticData().getSignatureById(id);
            List<String> why = new ArrayList<>();
            for (List<Message> messages : List.of(simple.getAdESValidationErrors(id), simple.getAdESValidationWarnings(id))) {
                for (Message m : messages) {
                    why.add(m.getValue());
                }
            }
            signatures.add("{\"field\":" + quote(String.valueOf(s.getSignatureFieldNames()))
                    + ",\"indication\":" + quote(String.valueOf(simple.getIndication(id)))
                    + ",\"sub\":" + quote(simple.getSubIndication(id) == null ? "" : simple.getSubIndication(id).toString())
                    + ",\"format\":" + quote(String.valueOf(simple.getSignatureFormat(id)))
                    + ",\"intact\":" + (s.isSignatureIntact() && s.isSignatureValid())
                    + ",\"changes\":" + quote(changes(s))
                    + ",\"why\":" + quote(String.join("; ", why)) + "}");
        }
        return "{\"signatures\":[" + String.join(",", signatures) + "]}";
    }

    /** The kinds of what came after a signature; "undefined" is what nothing permits. */
    private static String changes(SignatureWrapper s) {
        List<String> kinds = new ArrayList<>();
        if (!s.getPdfSignatureOrFormFillChanges().isEmpty()) {
            kinds.add("signature-or-form");
        }
        if (!s.getPdfAnnotationChanges().isEmpty()) {
            kinds.add("annotation");
        }
        if (!s.getPdfUndefinedChanges().isEmpty()) {
            kinds.add("undefined");
        }
        return String.join(" ", kinds);
    }

    private static CertificateToken certificate(String path) {
        return DSSUtils.loadCertificate(new File(path));
    }

    private static String quote(String text) {
        StringBuilder b = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                b.append('\\').append(c);
            } else if (c < ' ') {
                b.append(String.format("\\u%04x", (int) c));
            } else {
                b.append(c);
            }
        }
        return b.append('"').toString();
    }
}
