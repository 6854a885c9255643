using System.Collections.Immutable;

namespace SlabGen.Generators;

/// <summary>Every name that a generated class declares.</summary>
internal static class GeneratedMembers
{
    /// <summary>
    /// The members. The class cannot have one of these names itself (CS0542), and neither can its type parameters
    /// (CS0102).
    /// </summary>
    public static readonly ImmutableHashSet<string> Names = ImmutableHashSet.Create(
        "Alloc", "AllocZeroed", "TryAlloc", "Free", "AllocBulk", "FreeBulk", "Rent", "Reserve", "Cache", "Lease",
        "OpenLocal", "Local",
        "AllocSlow", "TryAllocSlow", "FreeSlow", "MakeOnce", "CacheHandles", "t_cache", "s_made", "s_handles",
        "AllocRaw", "TryAllocRaw", "FreeRaw", "AllocBulkRaw", "FreeBulkRaw", "Prepare", "Undo", "Slot", "s_cache",
        "s_owner", "Life", "Reservation",
        "AllocHandle", "TryAllocHandle", "TryFree", "FreeDeferred", "Configure", "TryAllocBulk", "Own", "Reset",
        "Finish");

    /// <summary>
    /// The members of the pointers beside the class. The pointers and their type parameters cannot have these names
    /// either.
    /// </summary>
    public static readonly ImmutableHashSet<string> OfLinks = ImmutableHashSet.Create(
        "Address", "DebuggerDisplay", "Equals", "GetHashCode", "IsLive", "IsNull", "Pointer", "ToString", "TryGet",
        "Value", "_address", "_entry");

    /// <summary>
    /// Other names that a type parameter must not have: locals, parameters, the members of the nested types.
    /// </summary>
    public static readonly ImmutableHashSet<string> Locals = ImmutableHashSet.Create(
        "address", "cache", "count", "failure", "found", "gfp", "handle", "i", "node", "obj", "objects", "options",
        "owner", "pointer", "ready", "reserved", "result", "runtime", "thrown", "value",
        "_cache", "_pointer", "_reserved", "Construct", "Destruct", "Dispose", "Pointer", "Remaining", "Value", "left",
        "right", "other");
}
