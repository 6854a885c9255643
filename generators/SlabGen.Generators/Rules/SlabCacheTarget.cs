using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// The rules that a struct keeps or breaks on its own. The generator does not report broken rules; each rule has an
/// analyzer that does.
/// </summary>
internal static class SlabCacheTarget
{
    /// <summary>Whether a class could be written for the struct, whatever its options and hooks are.</summary>
    public static bool CanHaveClass(INamedTypeSymbol type, SlabCacheArguments arguments) =>
        type.TypeKind == TypeKind.Struct
        && !type.IsRefLikeType
        && UnmanagedRule.IsKept(type)
        && CacheAccessibility.FindBarrier(type) is null
        && CacheClassName.WhyInvalid(CacheClassName.Of(type, arguments)) is null
        && LinkNames.FindInvalid(type, arguments) is null;

    public static bool IsValid(INamedTypeSymbol type, SlabCacheArguments arguments) =>
        CanHaveClass(type, arguments)
        && AlignmentRule.IsValid(arguments.Alignment)
        && arguments.FindOutOfRange() is null
        && (!arguments.Extensions || ExtensionClass.IsSupported(type))
        && OptionConflict.Find(type, arguments) is null
        && SlabHook.AreValid(type)
        && (arguments.Zeroing == Zeroing.None || SlabHook.Find(type, HookKind.Constructor) is null);
}
