namespace SlabGen.Guards;

// The handler for Arm64, as the assembler wrote it: the same as that for x64.
//
// On entry x0 is the signal, x1 its siginfo_t, x2 the ucontext_t (pc at 440). It does not look for the syndrome among
// the contexts behind that, so it says "access" for reads and writes.
internal static partial class GuardHandler
{
    private static ReadOnlySpan<uint> CodeOfArm64 =>
    [
        // handler:
        0x580008c9, // ldr x9, data
        0xf940082a, // ldr x10, [x1, #16]
        0xa940312b, // ldp x11, x12, [x9]
        0xcb0b014a, // sub x10, x10, x11
        0xeb0c015f, // cmp x10, x12
        0x540005e2, // b.hs chain
        0xb940082d, // ldr w13, [x1, #8]
        0x710001bf, // cmp w13, #0
        0x5400058d, // b.le chain
        0xa9bd07e0, // stp x0, x1, [sp, #-48]!
        0xa9017be2, // stp x2, x30, [sp, #16]
        0xaa0903e4, // mov x4, x9
        0xaa0a03e5, // mov x5, x10
        0x9100608b, // add x11, x4, #24
        // claim:
        0x885ffd6c, // ldaxr w12, [x11]
        0x3500036c, // cbnz w12, wait
        0x5280002d, // mov w13, #1
        0x880efd6d, // stlxr w14, w13, [x11]
        0x35ffff8e, // cbnz w14, claim
        0xb940208c, // ldr w12, [x4, #32]
        0x9acc24a5, // lsr x5, x5, x12
        0xf940148c, // ldr x12, [x4, #40]
        0x8b051585, // add x5, x12, x5, lsl #5
        0xf940082c, // ldr x12, [x1, #16]
        0xf940188d, // ldr x13, [x4, #48]
        0x9400001d, // bl hex
        0xf940dc4c, // ldr x12, [x2, #440]
        0xf9401c8d, // ldr x13, [x4, #56]
        0x9400001a, // bl hex
        0xa94008a1, // ldp x1, x2, [x5]
        0x94000023, // bl print
        0xa9470881, // ldp x1, x2, [x4, #112]
        0x94000021, // bl print
        0xa9440881, // ldp x1, x2, [x4, #64]
        0x9400001f, // bl print
        0xf94008a1, // ldr x1, [x5, #16]
        0xf8408422, // ldr x2, [x1], #8
        0x9400001c, // bl print
        0x5280002c, // mov w12, #1
        0x9100708b, // add x11, x4, #28
        0x889ffd6c, // stlr w12, [x11]
        0x14000008, // b leave
        // wait:
        0xd5033f5f, // clrex
        0x9100708b, // add x11, x4, #28
        // again:
        0x88dffd6c, // ldar w12, [x11]
        0x3500008c, // cbnz w12, leave
        0xd2800f88, // mov x8, #124
        0xd4000001, // svc #0
        0x17fffffc, // b again
        // leave:
        0xaa0403e9, // mov x9, x4
        0xa9417be2, // ldp x2, x30, [sp, #16]
        0xa8c307e0, // ldp x0, x1, [sp], #48
        // chain:
        0xf9400930, // ldr x16, [x9, #16]
        0xd61f0200, // br x16
        // hex:
        0x5280020e, // mov w14, #16
        // digit:
        0x93ccf18c, // ror x12, x12, #60
        0x12000d8f, // and w15, w12, #15
        0x1100c1f0, // add w16, w15, #48
        0x11015df1, // add w17, w15, #87
        0x710029ff, // cmp w15, #10
        0x1a913210, // csel w16, w16, w17, lo
        0x380015b0, // strb w16, [x13], #1
        0x710005ce, // subs w14, w14, #1
        0x54ffff01, // b.ne digit
        0xd65f03c0, // ret
        // print:
        0xd2800040, // mov x0, #2
        0xd2800808, // mov x8, #64
        0xd4000001, // svc #0
        0xd65f03c0, // ret
        // Behind it, at a multiple of 8, "data": the address of the header of the table.
    ];
}
