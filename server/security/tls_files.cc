#include "server/security/tls_files.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <spdlog/spdlog.h>

#include <ctime>
#include <system_error>
#include <utility>

#include "core/base/file.h"

namespace m2tts {
namespace {

constexpr std::chrono::seconds kLookAtCertificates(1);
constexpr size_t kMaxPemBytes = size_t{1} << 20;

using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;
using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

BioPtr OpenPem(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
}

// OpenSSL would ask on the terminal for the passphrase of an encrypted key.
int NoPassphrase(char*, int, int, void*) {
  return -1;
}

std::string ReadAll(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

std::string SubjectOf(X509* certificate) {
  const BioPtr out(BIO_new(BIO_s_mem()), &BIO_free);
  X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  return ReadAll(out.get());
}

std::string NotAfter(X509* certificate) {
  const BioPtr out(BIO_new(BIO_s_mem()), &BIO_free);
  ASN1_TIME_print(out.get(), X509_get0_notAfter(certificate));
  return ReadAll(out.get());
}

X509Ptr ParseCertificate(const std::string& pem) {
  const BioPtr bio = OpenPem(pem);
  return {PEM_read_bio_X509(bio.get(), nullptr, &NoPassphrase, nullptr), &X509_free};
}

Status CheckPair(const TlsPaths& paths, TlsMaterial* material) {
  const X509Ptr certificate = ParseCertificate(material->certificate);
  if (certificate == nullptr) {
    return InvalidArgument("tls.certificate: {} holds no PEM certificate", paths.certificate.string());
  }
  const BioPtr key_bio = OpenPem(material->key);
  const KeyPtr key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, &NoPassphrase, nullptr), &EVP_PKEY_free);
  if (key == nullptr) {
    return InvalidArgument("tls.key: {} holds no PEM private key, or one with a passphrase",
                           paths.key.string());
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return InvalidArgument("tls.key: {} is not the key of the certificate {}", paths.key.string(),
                           paths.certificate.string());
  }
  material->subject = SubjectOf(certificate.get());
  material->not_after = NotAfter(certificate.get());
  tm time{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &time) == 1) {
    material->not_after_seconds = static_cast<int64_t>(timegm(&time));
  }
  if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0) {
    return InvalidArgument("tls.certificate: {} has expired on {}", paths.certificate.string(),
                           material->not_after);
  }
  return OkStatus();
}

}  // namespace

Status TlsPaths::Validate() const {
  if (certificate.empty() != key.empty()) {
    return InvalidArgument("tls: 'certificate' and 'key' go together, and only one of them is set");
  }
  if (!client_ca.empty() && certificate.empty()) {
    return InvalidArgument("tls.client_ca: needs tls.certificate and tls.key");
  }
  return OkStatus();
}

StatusOr<std::shared_ptr<const TlsMaterial>> LoadTlsMaterial(const TlsPaths& paths) {
  M2TTS_RETURN_IF_ERROR(paths.Validate());
  auto material = std::make_shared<TlsMaterial>();
  M2TTS_ASSIGN_OR_RETURN(material->certificate, ReadFile(paths.certificate, kMaxPemBytes));
  M2TTS_ASSIGN_OR_RETURN(material->key, ReadFile(paths.key, kMaxPemBytes));
  if (!paths.client_ca.empty()) {
    M2TTS_ASSIGN_OR_RETURN(material->client_ca, ReadFile(paths.client_ca, kMaxPemBytes));
    if (ParseCertificate(material->client_ca) == nullptr) {
      return InvalidArgument("tls.client_ca: {} holds no PEM certificate", paths.client_ca.string());
    }
  }
  const Status status = CheckPair(paths, material.get());
  ERR_clear_error();  // of this thread; gRPC would find ours in its way
  M2TTS_RETURN_IF_ERROR(status);
  return std::shared_ptr<const TlsMaterial>(std::move(material));
}

StatusOr<std::shared_ptr<TlsFiles>> TlsFiles::Open(TlsPaths paths, Clock now) {
  std::shared_ptr<TlsFiles> files(new TlsFiles(std::move(paths), std::move(now)));
  M2TTS_RETURN_IF_ERROR(files->Reload().status());
  return files;
}

std::string TlsFiles::Stamp() const {
  std::string stamp;
  for (const std::filesystem::path* path : {&paths_.certificate, &paths_.key, &paths_.client_ca}) {
    std::error_code error;
    const auto time = std::filesystem::last_write_time(*path, error);
    stamp += fmt::format("{} {};", error ? 0 : time.time_since_epoch().count(),
                         error ? 0 : std::filesystem::file_size(*path, error));
  }
  return stamp;
}

StatusOr<bool> TlsFiles::Reload() {
  const std::string stamp = Stamp();
  StatusOr<std::shared_ptr<const TlsMaterial>> material = LoadTlsMaterial(paths_);
  MutexLock lock(&mutex_);
  stamp_ = stamp;
  next_look_ = now_() + kLookAtCertificates;
  M2TTS_RETURN_IF_ERROR(material.status());
  if (current_ != nullptr && *current_ == **material) return false;
  current_ = *std::move(material);
  spdlog::info("TLS certificate {}, valid until {}", current_->subject, current_->not_after);
  return true;
}

std::shared_ptr<const TlsMaterial> TlsFiles::Current() {
  {
    MutexLock lock(&mutex_);
    const auto now = now_();
    if (now < next_look_) return current_;
    next_look_ = now + kLookAtCertificates;
  }
  const std::string stamp = Stamp();
  bool changed = false;
  {
    MutexLock lock(&mutex_);
    changed = stamp != stamp_;
  }
  if (changed) {
    if (const Status status = Reload().status(); !status.ok()) {
      spdlog::error("{}; the certificates read before stay in use", std::string(status.message()));
    }
  }
  MutexLock lock(&mutex_);
  return current_;
}

}  // namespace m2tts
