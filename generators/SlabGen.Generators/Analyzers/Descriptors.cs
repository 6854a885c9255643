using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// Errors in the declaration of a slab cache or its hooks. Every diagnostic, in all groups, has a section in
/// generators/README.md and a row in AnalyzerReleases.
/// </summary>
internal static class Descriptors
{
    public static readonly DiagnosticDescriptor ManagedReferences = Error(
        "SLAB0001",
        "A struct with a slab cache must be unmanaged",
        "'{0}' cannot have a slab cache because its field '{1}' is of type '{2}', which the garbage collector must track: {3}");

    public static readonly DiagnosticDescriptor RefStruct = Error(
        "SLAB0002",
        "A ref struct cannot have a slab cache",
        "'{0}' cannot have a slab cache because a ref struct lives on the stack: remove 'ref' or [SlabCache]");

    public static readonly DiagnosticDescriptor Inaccessible = Error(
        "SLAB0003",
        "A struct with a slab cache must be accessible from its namespace",
        "'{0}' cannot have a slab cache because '{1}' is {2}, and the generated class, which is in the namespace, cannot access it: make it internal or public");

    public static readonly DiagnosticDescriptor InvalidName = Error(
        "SLAB0004",
        "The name of a slab cache's class must be a valid class name",
        "The {1} of the slab cache of '{0}' cannot be named '{2}' because {3}");

    public static readonly DiagnosticDescriptor NameCollision = Error(
        "SLAB0005",
        "The name of a slab cache's class must not be taken",
        "The {1} '{2}' of the slab cache of '{0}' collides with {3}: choose another name, for example [SlabCache({4} = \"{5}\")]");

    public static readonly DiagnosticDescriptor InvalidAlignment = Error(
        "SLAB0006",
        "The alignment of a slab cache must be a power of two up to 4096",
        "The alignment of the slab cache of '{0}' cannot be {1} bytes: it must be a power of two from 1 to 4096, or 0 for the default of 8");

    public static readonly DiagnosticDescriptor HookSignature = Error(
        "SLAB0007",
        "A hook must be an instance method without parameters",
        "'{0}' cannot be {1} because {2}: a hook must be an instance method without parameters that returns {3}");

    public static readonly DiagnosticDescriptor HookTwice = Error(
        "SLAB0008",
        "A struct can have only one hook of each kind",
        "'{0}' can have only one method with {1}, but '{2}' and '{3}' both have it");

    public static readonly DiagnosticDescriptor InaccessibleHook = Error(
        "SLAB0009",
        "A hook must be accessible from the generated class",
        "'{0}' cannot be {1} because it is {2}: make it internal or public");

    public static readonly DiagnosticDescriptor HookWithoutCache = Error(
        "SLAB0010",
        "A hook needs a struct with a slab cache",
        "{1} on '{0}' does nothing because '{2}' has no [SlabCache]");

    public static readonly DiagnosticDescriptor ConstructorWithZeroing = Error(
        "SLAB0011",
        "A slab cache with a constructor cannot clear its objects",
        "The slab cache of '{0}' cannot clear its objects because that would undo '{1}', which runs only once for each object: remove Zeroing, or make '{1}' a [SlabInit]");

    public static readonly DiagnosticDescriptor OptionOutOfRange = Error(
        "SLAB0012",
        "An option of a slab cache must be in its range",
        "{0} of the slab cache of '{1}' cannot be {2}: it must be from {3} to {4}");

    public static readonly DiagnosticDescriptor OptionConflict = Error(
        "SLAB0013",
        "The options of a slab cache must fit together",
        "{0} of the slab cache of '{1}' {2}");

    public static readonly DiagnosticDescriptor ExtensionsNeedCSharp14 = Error(
        "SLAB0014",
        "Extension members need C# 14",
        "'{0}' cannot have extension members because the project uses C# {1}: set LangVersion to 14, or remove Extensions");

    public static readonly DiagnosticDescriptor GenericRing = Error(
        "SLAB0015",
        "Structs must not refer to each other in a ring through generic types",
        "The runtime cannot load the struct of '{0}': {1}; {2}");

    private static DiagnosticDescriptor Error(string id, string title, string message) => new(
        id, title, message, category: "SlabGen", DiagnosticSeverity.Error, isEnabledByDefault: true,
        helpLinkUri: HelpLink.To(id));
}
