namespace SlabGen;

/// <summary>
/// Makes a method of a struct with <see cref="SlabCacheAttribute"/> run on each allocation, before the object is handed
/// out (the <c>ctor</c> of FreeBSD's <c>uma_zcreate</c>). For code that runs once per slab, see
/// <see cref="SlabConstructorAttribute"/>.
/// </summary>
/// <remarks>
/// <para>An instance method without parameters, <see langword="internal"/> or <see langword="public"/>, that returns
/// <see langword="void"/> or <see langword="bool"/>. The generated class calls it directly; a <see cref="KmemCache"/>
/// knows nothing of it.</para>
/// <para>If it returns <see langword="false"/>, the object goes back without <see cref="SlabFiniAttribute"/>.
/// <c>TryAlloc</c> then returns <see langword="false"/>, and every other allocation throws
/// <see cref="OutOfMemoryException"/>. If it throws, the object goes back in the same way, and the exception comes out
/// of the allocation, <c>TryAlloc</c> included. <c>AllocBulk</c> stays all or nothing: the objects that were ready go
/// through <see cref="SlabFiniAttribute"/>, and all go back. An object of a reservation is initialised when it is taken
/// from it.</para>
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SlabInitAttribute : Attribute;
