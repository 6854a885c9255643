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
            // No background threads, as where none can be had: they would outlive their order.
            MethodDefinition wake = module.GetType("SlabGen.Memory.OnDemandThread").Methods.Single(method => method.Name == "TryWake");
            Clear(wake).Emit(OpCodes.Ldc_I4_0);
            wake.Body.GetILProcessor().Emit(OpCodes.Ret);
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
        ILProcessor code = Clear(type.Methods.Single(method => method.Name == name));
        if (call is not null)
        {
            code.Emit(OpCodes.Call, call);
        }

        code.Emit(OpCodes.Ret);
    }

    private static ILProcessor Clear(MethodDefinition method)
    {
        method.Body.Instructions.Clear();
        method.Body.Variables.Clear();
        method.Body.ExceptionHandlers.Clear();
        return method.Body.GetILProcessor();
    }
}
