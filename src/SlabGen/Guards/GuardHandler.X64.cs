namespace SlabGen.Guards;

// The handler for x64, as the assembler wrote it.
//
// On entry rdi is the signal, rsi its siginfo_t (si_code at 8, si_addr at 16), rdx the ucontext_t (rip at 168, the
// error code at 192, whose bit 1 says a write). It keeps the registers that a function must keep, and those three, and
// jumps to the former handler with the stack as the kernel made it.
internal static partial class GuardHandler
{
    private static ReadOnlySpan<byte> CodeOfX64 =>
    [
        // handler:
        0x4c, 0x8b, 0x05, 0x09, 0x01, 0x00, 0x00,        // mov r8, [rip + data]
        0x48, 0x8b, 0x46, 0x10,                          // mov rax, [rsi + 16]
        0x49, 0x2b, 0x00,                                // sub rax, [r8]
        0x49, 0x3b, 0x40, 0x08,                          // cmp rax, [r8 + 8]
        0x0f, 0x83, 0xb7, 0x00, 0x00, 0x00,              // jae chain
        0x83, 0x7e, 0x08, 0x00,                          // cmp dword ptr [rsi + 8], 0
        0x0f, 0x8e, 0xad, 0x00, 0x00, 0x00,              // jle chain
        0x57,                                            // push rdi
        0x56,                                            // push rsi
        0x52,                                            // push rdx
        0x53,                                            // push rbx
        0x55,                                            // push rbp
        0x4c, 0x89, 0xc3,                                // mov rbx, r8
        0x48, 0x89, 0xc5,                                // mov rbp, rax
        0x31, 0xc0,                                      // xor eax, eax
        0xb9, 0x01, 0x00, 0x00, 0x00,                    // mov ecx, 1
        0xf0, 0x0f, 0xb1, 0x4b, 0x18,                    // lock cmpxchg [rbx + 24], ecx
        0x75, 0x7d,                                      // jne wait
        0x8b, 0x4b, 0x20,                                // mov ecx, [rbx + 32]
        0x48, 0xd3, 0xed,                                // shr rbp, cl
        0x48, 0xc1, 0xe5, 0x05,                          // shl rbp, 5
        0x48, 0x03, 0x6b, 0x28,                          // add rbp, [rbx + 40]
        0x48, 0x8b, 0x4e, 0x10,                          // mov rcx, [rsi + 16]
        0x48, 0x8b, 0x7b, 0x30,                          // mov rdi, [rbx + 48]
        0xe8, 0x7d, 0x00, 0x00, 0x00,                    // call hex
        0x48, 0x8b, 0x8a, 0xa8, 0x00, 0x00, 0x00,        // mov rcx, [rdx + 168]
        0x48, 0x8b, 0x7b, 0x38,                          // mov rdi, [rbx + 56]
        0xe8, 0x6d, 0x00, 0x00, 0x00,                    // call hex
        0x8b, 0x82, 0xc0, 0x00, 0x00, 0x00,              // mov eax, [rdx + 192]
        0xd1, 0xe8,                                      // shr eax, 1
        0x83, 0xe0, 0x01,                                // and eax, 1
        0xc1, 0xe0, 0x04,                                // shl eax, 4
        0x4c, 0x8d, 0x4c, 0x03, 0x50,                    // lea r9, [rbx + rax + 80]
        0x48, 0x8b, 0x75, 0x00,                          // mov rsi, [rbp]
        0x48, 0x8b, 0x55, 0x08,                          // mov rdx, [rbp + 8]
        0xe8, 0x78, 0x00, 0x00, 0x00,                    // call print
        0x49, 0x8b, 0x31,                                // mov rsi, [r9]
        0x49, 0x8b, 0x51, 0x08,                          // mov rdx, [r9 + 8]
        0xe8, 0x6c, 0x00, 0x00, 0x00,                    // call print
        0x48, 0x8b, 0x73, 0x40,                          // mov rsi, [rbx + 64]
        0x48, 0x8b, 0x53, 0x48,                          // mov rdx, [rbx + 72]
        0xe8, 0x5f, 0x00, 0x00, 0x00,                    // call print
        0x48, 0x8b, 0x45, 0x10,                          // mov rax, [rbp + 16]
        0x48, 0x8b, 0x10,                                // mov rdx, [rax]
        0x48, 0x8d, 0x70, 0x08,                          // lea rsi, [rax + 8]
        0xe8, 0x4f, 0x00, 0x00, 0x00,                    // call print
        0xc7, 0x43, 0x1c, 0x01, 0x00, 0x00, 0x00,        // mov dword ptr [rbx + 28], 1
        0xeb, 0x0f,                                      // jmp leave
        // wait:
        0x83, 0x7b, 0x1c, 0x00,                          // cmp dword ptr [rbx + 28], 0
        0x75, 0x09,                                      // jne leave
        0xb8, 0x18, 0x00, 0x00, 0x00,                    // mov eax, 24
        0x0f, 0x05,                                      // syscall
        0xeb, 0xf1,                                      // jmp wait
        // leave:
        0x49, 0x89, 0xd8,                                // mov r8, rbx
        0x5d,                                            // pop rbp
        0x5b,                                            // pop rbx
        0x5a,                                            // pop rdx
        0x5e,                                            // pop rsi
        0x5f,                                            // pop rdi
        // chain:
        0x41, 0xff, 0x60, 0x10,                          // jmp [r8 + 16]
        // hex:
        0xb8, 0x10, 0x00, 0x00, 0x00,                    // mov eax, 16
        // digit:
        0x48, 0xc1, 0xc1, 0x04,                          // rol rcx, 4
        0x41, 0x89, 0xca,                                // mov r10d, ecx
        0x41, 0x83, 0xe2, 0x0f,                          // and r10d, 15
        0x45, 0x8d, 0x5a, 0x30,                          // lea r11d, [r10 + 48]
        0x41, 0x83, 0xc2, 0x57,                          // add r10d, 87
        0x41, 0x83, 0xfb, 0x39,                          // cmp r11d, 57
        0x45, 0x0f, 0x47, 0xda,                          // cmova r11d, r10d
        0x44, 0x88, 0x1f,                                // mov [rdi], r11b
        0x48, 0xff, 0xc7,                                // inc rdi
        0xff, 0xc8,                                      // dec eax
        0x75, 0xdb,                                      // jnz digit
        0xc3,                                            // ret
        // print:
        0xbf, 0x02, 0x00, 0x00, 0x00,                    // mov edi, 2
        0xb8, 0x01, 0x00, 0x00, 0x00,                    // mov eax, 1
        0x0f, 0x05,                                      // syscall
        0xc3,                                            // ret
        // Behind it, at a multiple of 8, "data": the address of the header of the table.
    ];
}
