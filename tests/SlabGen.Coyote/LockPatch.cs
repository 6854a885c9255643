using Microsoft.Coyote.Runtime;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace SlabGen.Coyote;

/// <summary>
/// Coyote runs one thread at a time, and does not see a wait in the kernel. So in the copy a thread that waits for a lock of the
/// library yields instead, which a wait may always do, and nobody need be woken.
/// </summary>
internal static class LockPatch
{
    public static void Apply(string library)
    {
        string patched = library + ".patched";
        using (ModuleDefinition module = ModuleDefinition.ReadModule(library))
        {
            TypeDefinition waits = module.GetType("SlabGen.Memory.KernelWait");
            Replace(waits, "Wait", module.ImportReference(typeof(SchedulingPoint).GetMethod(nameof(SchedulingPoint.Yield))));
            Replace(waits, "WakeOne", null);
            RestoreExchanges(module);
            module.Write(patched);
        }

        File.Move(patched, library, overwrite: true);
    }

    /// <summary>Coyote's own Exchange takes classes only, as .NET's did before it took booleans: such calls go back to .NET's.</summary>
    private static void RestoreExchanges(ModuleDefinition module)
    {
        foreach (Instruction call in module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody).SelectMany(method => method.Body.Instructions))
        {
            if (call.Operand is GenericInstanceMethod { DeclaringType.FullName: "Microsoft.Coyote.Rewriting.Types.Threading.Interlocked" } rewritten
                && rewritten.GenericArguments[0].IsValueType)
            {
                var plain = new GenericInstanceMethod(module.ImportReference(
                    typeof(Interlocked).GetMethods().Single(method => method.Name == rewritten.Name && method.IsGenericMethodDefinition)));
                plain.GenericArguments.Add(rewritten.GenericArguments[0]);
                call.Operand = plain;
            }
        }
    }

    private static void Replace(TypeDefinition type, string name, MethodReference? call)
    {
        MethodBody body = type.Methods.Single(method => method.Name == name).Body;
        body.Instructions.Clear();
        body.Variables.Clear();
        body.ExceptionHandlers.Clear();
        ILProcessor code = body.GetILProcessor();
        if (call is not null)
        {
            code.Emit(OpCodes.Call, call);
        }

        code.Emit(OpCodes.Ret);
    }
}
