// seccomp: https://docs.kernel.org/userspace-api/seccomp_filter.html. A filter is a program in BPF that sees
// number and arguments of a system call; pointers it cannot follow.
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "trainer/worker/sandbox_parts.h"

namespace m2tts {
namespace {

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr uint32_t kArchitecture = 0;  // none that this filter knows
#endif

constexpr uint32_t kRefuse = SECCOMP_RET_ERRNO | EPERM;

constexpr long kRefused[] = {
    // The network: there are no sockets but Unix ones (below), and these neither let anybody in nor lead out.
    // io_uring does what it is told past every filter.
    SYS_connect,
    SYS_bind,
    SYS_listen,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    // Other processes.
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_pidfd_getfd,
    SYS_kcmp,
    SYS_perf_event_open,
#ifndef __SANITIZE_ADDRESS__  // LeakSanitizer traces its own process
    SYS_ptrace,
#endif
    // Another view of the file system.
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_move_mount,
    SYS_open_tree,
    SYS_mount_setattr,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_unshare,
    SYS_setns,
    SYS_open_by_handle_at,
    SYS_quotactl,
    SYS_swapon,
    SYS_swapoff,
    SYS_acct,
    // The kernel and its keys.
    SYS_bpf,
    SYS_userfaultfd,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_kexec_file_load,
    SYS_reboot,
    SYS_syslog,
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    // The machine.
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
    SYS_sethostname,
    SYS_setdomainname,
#ifdef __x86_64__
    SYS_iopl,
    SYS_ioperm,
#endif
};

class Filter {
 public:
  Filter() {
    Load(offsetof(seccomp_data, arch));
    Unless(BPF_JEQ, kArchitecture, SECCOMP_RET_KILL_PROCESS);
    Load(offsetof(seccomp_data, nr));
#ifdef __x86_64__
    // The same calls by other numbers, of the x32 convention.
    constexpr uint32_t kX32 = 0x40000000;
    When(BPF_JGE, kX32, kRefuse);
#endif
    for (const long call : kRefused) When(BPF_JEQ, static_cast<uint32_t>(call), kRefuse);
    UnlessOneOf(SYS_socket, SYS_socketpair, SECCOMP_RET_ALLOW);
    // The low half of an argument, which is all that the kernel looks at.
    Load(offsetof(seccomp_data, args));
    Unless(BPF_JEQ, AF_UNIX, kRefuse);
    // A datagram goes to whatever name it says, without connect.
    constexpr uint32_t kTypeBits = 0xf;  // the rest are flags
    Load(offsetof(seccomp_data, args) + sizeof(uint64_t));
    code_.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, kTypeBits));
    UnlessOneOf(SOCK_STREAM, SOCK_SEQPACKET, kRefuse);
    Return(SECCOMP_RET_ALLOW);
  }

  // 0, or what seccomp(2) says. Threads that run already get it too.
  long Install() {
    const sock_fprog program = {static_cast<unsigned short>(code_.size()), code_.data()};
    return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
  }

 private:
  void Load(size_t offset) {
    code_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset)));
  }
  void UnlessOneOf(uint32_t a, uint32_t b, uint32_t verdict) {
    code_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, a, 2, 0));
    code_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, b, 1, 0));
    Return(verdict);
  }
  void Return(uint32_t verdict) {
    code_.push_back(BPF_STMT(BPF_RET | BPF_K, verdict));
  }
  // The last two numbers of a jump: how many instructions to skip when it holds, and when it does not.
  void When(int comparison, uint32_t value, uint32_t verdict) {
    code_.push_back(BPF_JUMP(BPF_JMP | comparison | BPF_K, value, 0, 1));
    Return(verdict);
  }
  void Unless(int comparison, uint32_t value, uint32_t verdict) {
    code_.push_back(BPF_JUMP(BPF_JMP | comparison | BPF_K, value, 1, 0));
    Return(verdict);
  }

  std::vector<sock_filter> code_;
};

}  // namespace

StatusOr<std::string> RestrictCalls() {
  if (kArchitecture == 0) {
    return Errorf(StatusCode::kUnimplemented, "there is no filter of system calls for this processor");
  }
  // The kernel wants it: programs that are started cannot gain rights.
  const bool ready = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  const long result = ready ? Filter().Install() : -1;
  if (result == 0) return std::string("seccomp");
  if (result > 0) {
    return Errorf(StatusCode::kUnimplemented, "seccomp cannot hold thread {}, which has a filter of its own",
                  result);
  }
  return Errorf(StatusCode::kUnimplemented, "this kernel refuses seccomp ({})", std::strerror(errno));
}

}  // namespace m2tts
