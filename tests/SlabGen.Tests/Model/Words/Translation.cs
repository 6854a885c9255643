using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.InteropServices;
using SlabGen.CompilerServices;
using SlabGen.Magazines;

namespace SlabGen.Tests.Model.Words;

/// <summary>
/// Translates a method of the fast path, as the compiler has written it: each load and store of a word becomes a step of
/// the machine, and all else stays. The fast path itself cannot be written over a policy: it calls nothing, optimized
/// or not.
/// </summary>
internal static class Translation
{
    private static readonly Dictionary<short, OpCode> s_codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    private static readonly HashSet<string> s_copied = ["nop", "dup", "pop", "ret", "add", "sub", "mul", "div.un", "shr.un", "ceq", "clt", "cgt", "clt.un", "cgt.un", "sizeof"];

    /// <summary>The method over words: its <c>this</c> is the address of a <see cref="ThreadBin"/>, also for a <see cref="ThreadCache"/>.</summary>
    /// <param name="type">The type of the method.</param>
    /// <param name="name">Its name.</param>
    /// <param name="words">How many loads and stores of words there are in its code.</param>
    public static TDelegate Of<TDelegate>(Type type, string name, out int words)
        where TDelegate : Delegate
    {
        MethodInfo method = type.GetMethod(name)!;
        Type[] parameters = [typeof(nint), .. method.GetParameters().Select(parameter => parameter.ParameterType)];
        var made = new DynamicMethod(name, method.ReturnType, parameters, typeof(Translation).Module, skipVisibility: true);
        ILGenerator to = made.GetILGenerator();
        MethodBody body = method.GetMethodBody()!;
        foreach (LocalVariableInfo local in body.LocalVariables)
        {
            to.DeclareLocal(local.LocalType, local.IsPinned);
        }

        words = 0;
        byte[] code = body.GetILAsByteArray()!;
        var labels = new Dictionary<int, Label>();
        bool isVolatile = false;
        for (int at = 0; at < code.Length;)
        {
            to.MarkLabel(LabelAt(at));
            OpCode op = s_codes[code[at] == 0xfe ? (short)(0xfe00 | code[at + 1]) : code[at]];
            at += op.Size;
            int operand = at;
            at += SizeOf(op);
            if (op == OpCodes.Volatile)
            {
                isVolatile = true;
                continue;
            }

            words += Emit(op, operand, at) ? 1 : 0;
            isVolatile = false;
        }

        return made.CreateDelegate<TDelegate>();

        Label LabelAt(int offset) => labels.TryGetValue(offset, out Label label) ? label : labels[offset] = to.DefineLabel();

        bool Emit(OpCode op, int operand, int next)
        {
            if (op == OpCodes.Ldflda && FieldAt(operand) is { Name: "_own" })
            {
                return false; // the bin that lies in a thread cache
            }

            if (op == OpCodes.Ldfld || op == OpCodes.Ldind_I)
            {
                to.Emit(OpCodes.Ldc_I4, op == OpCodes.Ldfld ? OffsetOf(FieldAt(operand)) : 0);
                to.Emit(OpCodes.Call, ((Func<nint, int, nint>)Load).Method);
                return true;
            }

            if (op == OpCodes.Stfld || op == OpCodes.Stind_I)
            {
                to.Emit(OpCodes.Ldc_I4, op == OpCodes.Stfld ? OffsetOf(FieldAt(operand)) : 0);
                to.Emit(isVolatile ? OpCodes.Ldc_I4_1 : OpCodes.Ldc_I4_0);
                to.Emit(OpCodes.Call, ((Action<nint, nint, int, bool>)Store).Method);
                return true;
            }

            if (isVolatile)
            {
                throw new NotSupportedException($"{name} has a volatile {op}.");
            }

            Copy(op, operand, next);
            return false;
        }

        void Copy(OpCode op, int operand, int next)
        {
            switch (op.OperandType)
            {
                case OperandType.ShortInlineBrTarget:
                    to.Emit(LongOf(op), LabelAt(next + (sbyte)code[operand]));
                    break;
                case OperandType.InlineBrTarget:
                    to.Emit(op, LabelAt(next + BitConverter.ToInt32(code, operand)));
                    break;
                case OperandType.InlineType when s_copied.Contains(op.Name!):
                    to.Emit(op, method.Module.ResolveType(BitConverter.ToInt32(code, operand)));
                    break;
                case OperandType.InlineI when op == OpCodes.Ldc_I4:
                    to.Emit(op, BitConverter.ToInt32(code, operand));
                    break;
                case OperandType.ShortInlineI or OperandType.ShortInlineVar when op.Name!.StartsWith("ld", StringComparison.Ordinal) || op.Name.StartsWith("st", StringComparison.Ordinal):
                    to.Emit(op, code[operand]);
                    break;
                case OperandType.InlineNone when s_copied.Contains(op.Name!) || op.Name!.StartsWith("conv.", StringComparison.Ordinal)
                    || op.Name.StartsWith("ldarg.", StringComparison.Ordinal) || op.Name.StartsWith("ldloc.", StringComparison.Ordinal)
                    || op.Name.StartsWith("stloc.", StringComparison.Ordinal) || op.Name.StartsWith("ldc.", StringComparison.Ordinal):
                    to.Emit(op);
                    break;
                default:
                    throw new NotSupportedException($"{name} has {op}, which is not translated.");
            }
        }

        FieldInfo FieldAt(int operand) => method.Module.ResolveField(BitConverter.ToInt32(code, operand))!;
    }

    private static OpCode LongOf(OpCode op) => s_codes.Values.First(code => code.Name == op.Name![..^2]); // without ".s"

    private static int OffsetOf(FieldInfo field) => field.DeclaringType == typeof(ThreadBin)
        ? (int)Marshal.OffsetOf<ThreadBin>(field.Name)
        : throw new NotSupportedException($"{field.DeclaringType}.{field.Name} is no word of the fast path.");

    private static int SizeOf(OpCode op) => op.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => throw new NotSupportedException("A switch is not translated."),
        _ => 4,
    };

    private static unsafe nint Load(nint of, int offset) => Replay.Current.Rules.Load((nint*)(of + offset));

    private static unsafe void Store(nint of, nint value, int offset, bool release) =>
        Replay.Current.Rules.Store((nint*)(of + offset), value, release);
}
