using System.Collections.Immutable;

namespace SlabGen.Generators;

/// <summary>Every name that a generated class declares.</summary>
internal static class GeneratedMembers
{
    /// <summary>The members: the class itself cannot have one of these names (CS0542), nor can its type parameters (CS0102).</summary>
    public static readonly ImmutableHashSet<string> Names = ImmutableHashSet.Create(
        "Alloc", "AllocZeroed", "TryAlloc", "Free", "AllocBulk", "FreeBulk", "Rent", "Reserve", "Cache", "Lease", "OpenLocal", "Local",
        "AllocSlow", "TryAllocSlow", "FreeSlow", "MakeOnce", "CacheHandles", "t_cache", "s_made", "s_handles",
        "AllocRaw", "TryAllocRaw", "FreeRaw", "AllocBulkRaw", "FreeBulkRaw", "Prepare", "Undo", "Slot", "s_cache", "s_owner", "Life", "Reservation",
        "AllocHandle", "TryAllocHandle", "TryFree", "FreeDeferred", "Configure", "TryAllocBulk", "Own", "Reset", "Finish");

    /// <summary>The members of the pointers beside the class, which those cannot be named like either, nor their type parameters.</summary>
    public static readonly ImmutableHashSet<string> OfLinks = ImmutableHashSet.Create(
        "Address", "DebuggerDisplay", "Equals", "GetHashCode", "IsLive", "IsNull", "Pointer", "ToString", "TryGet", "Value", "_address", "_entry");

    /// <summary>What else a type parameter must not be called: locals, parameters, the members of the nested types.</summary>
    public static readonly ImmutableHashSet<string> Locals = ImmutableHashSet.Create(
        "address", "cache", "count", "failure", "found", "gfp", "handle", "i", "node", "obj", "objects", "options", "owner", "pointer", "ready", "reserved", "result", "runtime", "thrown", "value",
        "_cache", "_pointer", "_reserved", "Construct", "Destruct", "Dispose", "Pointer", "Remaining", "Value", "left", "right", "other");
}
