// SPDX-License-Identifier: Apache-2.0
#include "mcim/xml/document.hpp"

#include <memory>

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/templates.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlenc.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/xmltree.h>

namespace uicclab::mcim {
namespace {

constexpr std::size_t kMostBytes = 64 * 1024;
constexpr std::string_view kNamespace = "urn:uicclab:mcim:1";
constexpr std::string_view kEncryption = "http://www.w3.org/2001/04/xmlenc#";
constexpr std::string_view kSignature = "http://www.w3.org/2000/09/xmldsig#";

// What xmlsec fills: cipher text, the enciphered key, digest and signature.
constexpr std::string_view kTemplate = R"(<?xml version="1.0" encoding="UTF-8"?>
<Mcim xmlns="urn:uicclab:mcim:1">
<EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#">
<EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes128-gcm"/>
<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#">
<EncryptedKey xmlns="http://www.w3.org/2001/04/xmlenc#">
<EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/>
<CipherData><CipherValue/></CipherData>
</EncryptedKey>
</KeyInfo>
<CipherData><CipherValue/></CipherData>
</EncryptedData>
<Signature xmlns="http://www.w3.org/2000/09/xmldsig#">
<SignedInfo>
<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>
<Reference URI="">
<Transforms>
<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
</Transforms>
<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
<DigestValue/>
</Reference>
</SignedInfo>
<SignatureValue/>
</Signature>
</Mcim>
)";

struct Free {
  void operator()(xmlDoc* p) const { xmlFreeDoc(p); }
  void operator()(xmlSecKey* p) const { xmlSecKeyDestroy(p); }
  void operator()(xmlSecKeysMngr* p) const { xmlSecKeysMngrDestroy(p); }
  void operator()(xmlSecEncCtx* p) const { xmlSecEncCtxDestroy(p); }
  void operator()(xmlSecDSigCtx* p) const { xmlSecDSigCtxDestroy(p); }
  void operator()(xmlChar* p) const { xmlFree(p); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

void keep_silent(void* /*context*/, const char* /*format*/, ...) {}
void keep_silent_too(const char* /*file*/, int /*line*/, const char* /*function*/, const char* /*object*/, const char* /*subject*/,
                     int /*reason*/, const char* /*message*/) {}

/// Both libraries, once; they would write what they dislike of a document to standard error.
void start_libraries() {
  static const bool started = [] {
    xmlInitParser();
    xmlSetGenericErrorFunc(nullptr, keep_silent);
    if (xmlSecInit() < 0 || xmlSecCheckVersion() != 1 || xmlSecCryptoAppInit(nullptr) < 0 || xmlSecCryptoInit() < 0) return false;
    xmlSecErrorsSetCallback(keep_silent_too);
    return true;
  }();
  if (!started) throw SystemError("libxmlsec1 does not start");
}

template <typename T>
T* must(T* made, const char* call) {
  if (made == nullptr) throw SystemError(std::string("libxmlsec1: ") + call);
  return made;
}

Owned<xmlSecKey> load_key(BytesView der) {
  return Owned<xmlSecKey>(
      must(xmlSecCryptoAppKeyLoadMemory(der.data(), static_cast<xmlSecSize>(der.size()), xmlSecKeyDataFormatDer, nullptr, nullptr, nullptr),
           "key"));
}

/// With this key alone, for the enciphered key.
Owned<xmlSecKeysMngr> manager_with(BytesView der) {
  Owned<xmlSecKeysMngr> manager(must(xmlSecKeysMngrCreate(), "keys manager"));
  if (xmlSecCryptoAppDefaultKeysMngrInit(manager.get()) < 0) throw SystemError("libxmlsec1: keys manager");
  Owned<xmlSecKey> key = load_key(der);
  if (xmlSecCryptoAppDefaultKeysMngrAdoptKey(manager.get(), key.get()) < 0) throw SystemError("libxmlsec1: keys manager");
  (void)key.release();
  return manager;
}

Owned<xmlDoc> parse(BytesView document) {
  return Owned<xmlDoc>(xmlReadMemory(reinterpret_cast<const char*>(document.data()), static_cast<int>(document.size()), nullptr, nullptr,
                                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
}

std::string_view text(const xmlChar* value) {
  return value == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(value));
}
std::string_view namespace_of(const xmlNode* node) {
  return node->ns == nullptr ? std::string_view() : text(node->ns->href);
}
bool is_blank(const xmlNode* node) {
  return xmlIsBlankNode(node) == 1;
}

/// Only these carry a text of their own: base64.
bool is_value(std::string_view name) {
  return name == "CipherValue" || name == "DigestValue" || name == "SignatureValue";
}

const xmlNode* next_element(const xmlNode* node) {
  while (node != nullptr && node->type == XML_TEXT_NODE && is_blank(node)) node = node->next;
  return node;
}

/// The same attributes with the same values.
bool same_attributes(const xmlNode* a, const xmlNode* b) {
  const xmlAttr* x = a->properties;
  const xmlAttr* y = b->properties;
  for (; x != nullptr && y != nullptr; x = x->next, y = y->next) {
    const Owned<xmlChar> left(xmlNodeListGetString(a->doc, x->children, 1));
    const Owned<xmlChar> right(xmlNodeListGetString(b->doc, y->children, 1));
    if (text(x->name) != text(y->name) || x->ns != nullptr || text(left.get()) != text(right.get())) return false;
  }
  return x == nullptr && y == nullptr;
}

/// Element by element the form of the template, which bounds the depth: what is signed is what is read, and nothing else comes in by
/// references, key names or transforms (XML Signature Best Practices clause 2). Prefixes of namespaces may be others.
bool has_form_of(const xmlNode* node, const xmlNode* form) {
  if (node->type != XML_ELEMENT_NODE || text(node->name) != text(form->name) || namespace_of(node) != namespace_of(form) ||
      !same_attributes(node, form)) {
    return false;
  }
  if (is_value(text(node->name))) {
    for (const xmlNode* child = node->children; child != nullptr; child = child->next) {
      if (child->type != XML_TEXT_NODE) return false;
    }
    return true;
  }
  const xmlNode* child = next_element(node->children);
  const xmlNode* wanted = next_element(form->children);
  for (; child != nullptr && wanted != nullptr; child = next_element(child->next), wanted = next_element(wanted->next)) {
    if (!has_form_of(child, wanted)) return false;
  }
  return child == nullptr && wanted == nullptr;
}

xmlNode* child_of(xmlDoc* document, std::string_view name, std::string_view in) {
  return must(xmlSecFindNode(xmlDocGetRootElement(document), reinterpret_cast<const xmlChar*>(name.data()),
                             reinterpret_cast<const xmlChar*>(in.data())),
              "node");
}

Owned<xmlSecDSigCtx> signature_context(BytesView key) {
  Owned<xmlSecDSigCtx> context(must(xmlSecDSigCtxCreate(nullptr), "signature"));
  context->signKey = load_key(key).release();
  context->enabledReferenceUris = xmlSecTransformUriTypeEmpty;
  return context;
}

Result<Bytes> serialised(xmlDoc* document) {
  xmlChar* memory = nullptr;
  int size = 0;
  xmlDocDumpMemoryEnc(document, &memory, &size, "UTF-8");
  const Owned<xmlChar> owner(must(memory, "document"));
  return to_bytes(BytesView(memory, static_cast<std::size_t>(size)));
}

bool is_signed(xmlDoc* document, const crypto::PublicKey& sender) {
  const auto context = signature_context(sender.der());
  return xmlSecDSigCtxVerify(context.get(), child_of(document, "Signature", kSignature)) == 0 &&
         context->status == xmlSecDSigStatusSucceeded;
}

}  // namespace

Result<Bytes> wrap_xml(const Data& data, const crypto::PublicKey& device, const crypto::PrivateKey& sender) {
  if (device.kind() != crypto::KeyKind::kRsa)
    return fail(ErrorCode::kUnsupported, "in XML a device's key is RSA (XML Encryption 1.1 clause 5.5.2)");
  if (sender.kind() != crypto::KeyKind::kP256) return fail(ErrorCode::kUnsupported, "a sender's key is on P-256");
  start_libraries();
  const Owned<xmlDoc> document(must(parse(as_bytes(kTemplate)).release(), "template"));

  const auto manager = manager_with(device.der());
  const Owned<xmlSecEncCtx> cipher(must(xmlSecEncCtxCreate(manager.get()), "encryption"));
  cipher->encKey = must(xmlSecKeyGenerate(xmlSecKeyDataAesId, 128, xmlSecKeyDataTypeSession), "session key");
  const crypto::WipedBytes plain = encode_data(data);
  if (xmlSecEncCtxBinaryEncrypt(cipher.get(), child_of(document.get(), "EncryptedData", kEncryption), plain.data(),
                                static_cast<xmlSecSize>(plain.size())) < 0) {
    throw SystemError("libxmlsec1: encryption");
  }
  const auto signature = signature_context(sender.der());
  if (xmlSecDSigCtxSign(signature.get(), child_of(document.get(), "Signature", kSignature)) < 0) throw SystemError("libxmlsec1: signature");
  return serialised(document.get());
}

Result<Data> open_xml(BytesView bytes, const crypto::PrivateKey& device, const crypto::PublicKey& sender) {
  const auto refused = [] { return fail(ErrorCode::kRefused, "MCIM object refused"); };
  if (bytes.size() > kMostBytes) return fail(ErrorCode::kMalformed, "an XML document of more than 64 KiB");
  if (device.kind() != crypto::KeyKind::kRsa) return refused();
  if (sender.kind() != crypto::KeyKind::kP256) return fail(ErrorCode::kMismatch, "a sender's key is on P-256");
  start_libraries();
  const auto document = parse(bytes);
  if (!document) return fail(ErrorCode::kMalformed, "not a well-formed XML document");
  const Owned<xmlDoc> form(must(parse(as_bytes(kTemplate)).release(), "template"));
  const xmlNode* const root = xmlDocGetRootElement(document.get());
  if (document->intSubset != nullptr || root == nullptr || !has_form_of(root, xmlDocGetRootElement(form.get()))) {
    return fail(ErrorCode::kMalformed, "not an MCIM document in " + std::string(kNamespace) + ": other elements, algorithms or attributes");
  }
  if (!is_signed(document.get(), sender)) return fail(ErrorCode::kMismatch, "the signature is not this sender's");

  const auto manager = manager_with(device.der());
  const Owned<xmlSecEncCtx> cipher(must(xmlSecEncCtxCreate(manager.get()), "encryption"));
  cipher->keyInfoReadCtx.flags |= XMLSEC_KEYINFO_FLAGS_STOP_ON_EMPTY_NODE;
  const xmlSecBuffer* const plain = xmlSecEncCtxDecryptToBuffer(cipher.get(), child_of(document.get(), "EncryptedData", kEncryption));
  if (plain == nullptr) return refused();
  auto data = parse_data(BytesView(plain->data, plain->size));
  if (!data) return refused();
  return data;
}

}  // namespace uicclab::mcim
