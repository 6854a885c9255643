using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// Rules about the use of objects. Code that breaks one is a bug wherever it can be reached. They are warnings.
/// </summary>
internal static class UseDescriptors
{
    public static readonly DiagnosticDescriptor ResultDropped = Warning(
        "SLAB0100",
        "An allocated object must be kept",
        "The result of '{0}' is dropped: the object can never be freed");

    public static readonly DiagnosticDescriptor FreedTwice = Warning(
        "SLAB0101",
        "An object must not be freed twice",
        "'{0}' is already free on {1}");

    public static readonly DiagnosticDescriptor UsedAfterFree = Warning(
        "SLAB0102",
        "An object must not be used after it was freed",
        "'{0}' was freed on every path that leads here: {1}");

    public static readonly DiagnosticDescriptor FreedToAnotherCache = Warning(
        "SLAB0103",
        "An object must be freed to its own cache",
        "'{0}' is an object of '{1}' but is freed to '{2}'");

    public static readonly DiagnosticDescriptor NotFreed = Warning(
        "SLAB0104",
        "An allocated object must be freed on every path",
        "The object from '{0}' is not freed on some path out of its scope, and nothing else holds it");

    public static readonly DiagnosticDescriptor NullPointer = Warning(
        "SLAB0105",
        "A null pointer must not be used",
        "'{0}' is null here");

    public static readonly DiagnosticDescriptor LeaseCopied = Warning(
        "SLAB0106",
        "A lease must not be copied",
        "'{0}' is copied: each of the two leases would free the object");

    public static readonly DiagnosticDescriptor CapturedByLambda = Warning(
        "SLAB0107",
        "A lambda that outlives a method must not hold an object that the method frees",
        "The lambda outlives the method and holds '{0}', which the method frees");

    public static readonly DiagnosticDescriptor MayLieAbove4GiB = Warning(
        "SLAB0108",
        "An object behind a SlabPtr32 must lie below 4 GiB",
        "The slab cache of '{0}' may have objects above 4 GiB, which a SlabPtr32 cannot refer to: set Zone = ZoneKind.Dma32 and Fallback = ZoneFallback.Strict");

    public static readonly DiagnosticDescriptor DefaultHandle = Warning(
        "SLAB0109",
        "A default handle must not be used",
        "'{0}' is the default handle here, which refers to no object");

    public static readonly DiagnosticDescriptor NeverNull = Warning(
        "SLAB0110",
        "A handle must not be compared to null",
        "'{0}' is a struct and never null: compare it to 'default'");

    public static readonly DiagnosticDescriptor LeasedFreed = Warning(
        "SLAB0111",
        "The object of a lease must be freed by the lease",
        "'{0}' is the object of a lease or an owner, which will free it too: dispose of the lease or owner instead");

    public static readonly DiagnosticDescriptor ReturnedFreed = Warning(
        "SLAB0112",
        "A method must not return an object that it frees on the way out",
        "'{0}' is freed before the caller gets it");

    public static readonly DiagnosticDescriptor HandledFreed = Warning(
        "SLAB0113",
        "The object of a handle must be freed by the handle",
        "'{0}' is the object of a handle, which stays live: free the handle, or end it with TryRelease first");

    public static readonly DiagnosticDescriptor ReadUnwritten = Warning(
        "SLAB0114",
        "An object must be written before it is read",
        "'{0}' is read before it is written: the object may hold another object's old data");

    public static readonly DiagnosticDescriptor CopyChanged = Warning(
        "SLAB0115",
        "A change to a copy must not be lost",
        "'{0}' is a copy of the object, and this change to it is lost: declare it as 'ref {1} {0} = ref {2}'");

    private static DiagnosticDescriptor Warning(string id, string title, string message) => new(
        id, title, message, category: "SlabGen.Use", DiagnosticSeverity.Warning, isEnabledByDefault: true,
        helpLinkUri: HelpLink.To(id));
}
