namespace SlabGen.Collections;

/// <summary>
/// A field of a struct by which its objects are in a list: the kernel's <c>list_head</c> in an object. A struct has one
/// for each list that an object may be in at a time.
/// </summary>
/// <remarks>
/// It is 16 bytes, and zeros at the beginning: in a new object, which may hold old data, it must be cleared, as
/// <c>order.Value = new Order { … }</c> does. It is not generic, so structs may be linked to each other in a ring,
/// which the CLR cannot load through generic fields.
/// </remarks>
public struct SlabLink
{
    // Addresses of objects, not of their links; 0 at the ends. Written by the list alone.
    internal nint Next, Previous;
}

/// <summary>Says which field of a struct links its objects. It is implemented by a struct without fields.</summary>
/// <example><code><![CDATA[
/// [SlabCache]
/// public struct Order { public long Id; public SlabLink Queue; }
///
/// public readonly struct InQueue : ISlabLink<Order>
/// {
///     public static ref SlabLink LinkOf(ref Order order) => ref order.Queue;
/// }
/// ]]></code></example>
/// <typeparam name="T">The struct.</typeparam>
public interface ISlabLink<T>
    where T : unmanaged
{
    /// <summary>The link of an object: always the same field.</summary>
    /// <param name="item">The object.</param>
    static abstract ref SlabLink LinkOf(ref T item);
}

/// <summary>Says what <see cref="SlabLru{T, TItem}"/> must know of a struct.</summary>
/// <typeparam name="T">The struct.</typeparam>
public interface ISlabLruItem<T> : ISlabLink<T>
    where T : unmanaged
{
    /// <summary>A field that says whether the object was used since it was last looked at.</summary>
    /// <param name="item">The object.</param>
    static abstract ref bool IsUsed(ref T item);

    /// <summary>
    /// What the object counts towards <see cref="SlabLruOptions.MaxBytes"/>: 0, unless this is implemented.
    /// </summary>
    /// <param name="item">The object.</param>
    static virtual long BytesOf(ref T item) => 0;
}
